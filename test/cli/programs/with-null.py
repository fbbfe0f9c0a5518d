"""Runs a command with /dev/null, open for reading and writing, as its standard input, and with `--output` as its standard
output too; ends with its status. python3 with-null.py [--output] COMMAND...
"""

import subprocess, sys

nothing = subprocess.DEVNULL
if sys.argv[1] == '--output':
  sys.exit(subprocess.run(sys.argv[2:], stdin=nothing, stdout=nothing).returncode)
sys.exit(subprocess.run(sys.argv[1:], stdin=nothing).returncode)
