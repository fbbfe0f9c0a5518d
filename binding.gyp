{
  # For those who build with node-gyp: one action that calls CMake, which describes all that is compiled. Not in the
  # package: npm would run node-gyp on every installation.
  'targets': [
    {
      'target_name': 'sluice',
      'type': 'none',
      'actions': [
        {
          'action_name': 'cmake',
          'inputs': ['CMakeLists.txt'],
          'outputs': ['<(PRODUCT_DIR)/sluice.node'],
          'action': [
            'npx', '--no-install', 'cmake-js', 'build', '--log-level', 'warn', '--out', 'build',
          ],
        },
      ],
    },
  ],
}
