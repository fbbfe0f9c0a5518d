/** The package as its users get it: packed, installed without scripts where there is no compiler, and run. */

import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, run } from '../cli/run.js';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { dynamicSection, faults, missing } from './elf.js';

needs('python3');

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = temporaryFolder();
const project = join(folder, 'project');
const tools = join(folder, 'bin');

const onPath = (program: string): string =>
  realpathSync(execFileSync('which', [program], { encoding: 'utf8' }).trim());
const npm = onPath('npm');
const npx = [join(dirname(npm), 'npx-cli.js'), '--loglevel=error'];

interface Packed {
  filename: string;
  size: number;
  files: { path: string }[];
}
let packed: Packed;

/** Runs node in the project, with nothing on the path but node, env and a shell. */
function node(args: string[], cwd = project): Promise<Outcome> {
  return run(onPath('env'), [`PATH=${tools}`, process.execPath, ...args], { cwd });
}

beforeAll(async () => {
  for (const path of [project, tools]) mkdirSync(path);
  for (const program of ['env', 'sh']) symlinkSync(onPath(program), join(tools, program));
  symlinkSync(process.execPath, join(tools, 'node'));

  // As in a clone that was never packed: npm alone makes what is in prebuilds/.
  for (const made of [`linux-${process.arch}`, 'bpf'])
    rmSync(join(root, 'prebuilds', made), { recursive: true, force: true });
  const pack = ['pack', '--json', '--foreground-scripts=false', '--pack-destination', folder];
  const json = execFileSync('npm', pack, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  packed = (JSON.parse(json) as Packed[])[0] as Packed;
  const install = ['install', '--ignore-scripts', '--prefer-offline', join(folder, packed.filename)];
  const { status, stderr } = await node([npm, ...install]);
  expect(status, stderr).toBe(0);
});

describe('the tarball', () => {
  it('is smaller than 3 MB', () => {
    console.log(`${packed.filename}: ${packed.size} bytes`);
    expect(packed.size).toBeLessThan(3_000_000);
  });

  it('has what it needs to run, and nothing that npm or a person would build', () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'dist/index.js',
        'dist/index.d.ts',
        'dist/libbpf/index.js',
        `prebuilds/linux-${process.arch}/sluice.glibc.node`,
        ...['af-alg', 'store', 'transfer', 'upload', 'yardstick'].map(
          (name) => `prebuilds/linux-${process.arch}/bench/${name}`,
        ),
        `prebuilds/linux-${process.arch}/programs/attribute-setter`,
        'dist/bench/index.js',
        'prebuilds/bpf/pipe.bpf.o',
        'NOTICE',
        'CHANGELOG.md',
        'README.md',
        ...readdirSync(join(root, 'LICENSES')).map((name) => `LICENSES/${name}`),
      ]),
    );
    expect(
      paths.filter((path) =>
        /^(lib|native|bench|bpf|cmake|test|scripts|build)\/|^binding\.gyp|^CMakeLists/.test(path),
      ),
    ).toEqual(['bpf/reduce/README.md']); // a page that docs/ leads to
  });
});

describe('the addon', () => {
  const prebuilds = join(root, 'prebuilds');

  it('loads wherever Node does on a system as old as EL9', () => {
    const addons = readdirSync(prebuilds).filter((name) => name.startsWith('linux-'));
    expect(addons).toContain(`linux-${process.arch}`);
    for (const name of addons) expect(faults(join(prebuilds, name, 'sluice.glibc.node')), name).toEqual([]);
  });

  it('comes with programs, for attributes and for the bench suite, that run there, too', () => {
    const folder = join(prebuilds, `linux-${process.arch}`);
    const programs = readdirSync(join(folder, 'bench')).map((name) => join('bench', name));
    expect(programs.length).toBeGreaterThan(3);
    for (const name of [...programs, 'programs/attribute-setter'])
      expect(missing(dynamicSection(join(folder, name))), name).toEqual([]);
  });

  it('is refused by this check if it needs a C++ library or a symbol that is nowhere, or exports its own', () => {
    const source = fileURLToPath(new URL('programs/faulty-addon.cc', import.meta.url));
    execFileSync('g++', ['-shared', '-fPIC', '-o', join(folder, 'bad.node'), source]);
    const found = faults(join(folder, 'bad.node')).join('\n');
    expect(found).toMatch(/needs the library libstdc\+\+/);
    expect(found).toMatch(/needs symbols of GLIBCXX_/);
    expect(found).toMatch(/has nobody undefined/);
    expect(found).toMatch(/exports lent/);
  });
});

describe('installed without scripts, where there are no build tools', () => {
  const file = fileOf(folder, 3 * 1024 * 1024 + 5);
  const sum = crc32(readFileSync(file)).toString(16).padStart(8, '0');

  it('no build tool can be run', async () => {
    for (const tool of ['cc', 'gcc', 'g++', 'clang', 'clang-19', 'cmake', 'make', 'python3', 'git']) {
      const { status } = await node(['-e', `child_process.execFileSync('${tool}', ['--version'])`]);
      expect(status, tool).not.toBe(0);
    }
  });

  for (const engine of engines) {
    for (const name of ['importing.mjs', 'requiring.cjs']) {
      it(`${name} sums with the ${engine} engine, and loads no library of the system's`, async () => {
        const program = join(project, name);
        copyFileSync(new URL(`programs/${name}`, import.meta.url), program);
        const { stdout, stderr, status } = await node([program, file, engine]);
        expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
        expect(JSON.parse(stdout)).toEqual({
          hex: sum,
          backend: engine === 'kernel' ? 'bpf' : 'userspace',
          libraries: [],
          openObject: 'function',
        });
      });
    }

    it(`npx sluice sum --engine ${engine} prints the checksum`, async () => {
      const { stdout, stderr, status } = await node([
        ...npx,
        'sluice',
        'sum',
        '-a',
        'crc32',
        '--engine',
        engine,
        file,
      ]);
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
      expect(stdout).toContain(sum);
    });
  }

  it('npx sluice probe finds both engines', async () => {
    const { stdout, stderr, status } = await node([...npx, 'sluice', 'probe']);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toMatch(/^ {2}userspace +yes/m);
    expect(stdout).toMatch(/^ {2}bpf +yes/m);
  });

  it('npx sluice --help explains the command', async () => {
    const { stdout, stderr, status } = await node([...npx, 'sluice', '--help']);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toMatch(/^Usage: sluice/);
  });
});

describe('sluice bench', () => {
  const main = join(project, 'node_modules/sluice/dist/cli/main.js');
  let stdout: string;

  beforeAll(async () => {
    const storage = join(folder, 'storage');
    mkdirSync(storage);
    // Of all programs only what writes files back, which every system has.
    const programs = join(folder, 'programs');
    mkdirSync(programs);
    symlinkSync(onPath('sync'), join(programs, 'sync'));
    // A network of its own, in which there is nothing but loopback.
    const alone = 'ip link set lo up && exec env PATH="$1" "$2" "$3" bench --quick --size 1M --dir "$4"';
    const command = ['-n', 'sh', '-c', alone, 'sh', programs, process.execPath, main, storage];
    const outcome = await run(onPath('unshare'), command, { cwd: storage });
    expect(outcome.status, outcome.stderr).toBe(0);
    stdout = outcome.stdout;
  });

  it('measures the C programs where there are no tools, no npm and no network', () => {
    for (const row of ['read + libdeflate', 'mapped + libdeflate', 'splice + pread + libdeflate', 'sendfile'])
      expect(stdout).toContain(`│ ${row}`);
    for (const row of ['user space', 'relay, user space', 'receive, relay'])
      expect(stdout).toMatch(new RegExp(`│ ${row} +│`));
  });

  it('says of each row that can not run there what is missing', () => {
    const missing = stdout.split('Not measured:\n')[1]?.trimEnd().split('\n') ?? [];
    for (const reason of [
      '@node-rs/crc32: not installed; npm install @node-rs/crc32',
      'fast-crc32c: not installed; npm install fast-crc32c',
      'hash-wasm: not installed; npm install hash-wasm',
      'xrdadler32: xrdadler32 and setfattr are not installed',
      'rhash: rhash is not installed',
      'cksum (POSIX CRC): cksum is not installed',
      'Uploads to nginx: install nginx-light',
    ])
      expect(missing).toContain(`  - ${reason}`);
  });
});

it('the library does without the packages that the command works with', async () => {
  const cwd = join(folder, 'library');
  cpSync(project, cwd, { recursive: true, verbatimSymlinks: true });
  for (const name of ['commander', 'cli-table3', 'tinybench'])
    rmSync(join(cwd, 'node_modules', name), { recursive: true });
  const { stdout, stderr } = await node(
    ['-e', "import('sluice').then(({ algorithms }) => console.log(algorithms[0]))"],
    cwd,
  );
  expect({ stdout, stderr }).toEqual({ stdout: 'adler32\n', stderr: '' });
});

describe('without a binary for the machine', () => {
  const advice =
    /^sluice: There is no binary of sluice for linux-.*Build it in a clone of the sources: npm run setup && npm run build\n$/;
  const addon = `prebuilds/linux-${process.arch}/sluice.glibc.node`;

  /** A copy of the installed project, and the path of the addon in it. */
  function copy(name: string): { cwd: string; path: string } {
    const cwd = join(folder, name);
    cpSync(project, cwd, { recursive: true, verbatimSymlinks: true });
    return { cwd, path: join(cwd, 'node_modules/sluice', addon) };
  }

  async function saysSo(cwd: string): Promise<void> {
    const command = await node([...npx, 'sluice', 'sum', 'file'], cwd);
    expect(command).toEqual({ stdout: '', stderr: expect.stringMatching(advice), status: 3 });
    const catching = "import('sluice').catch((error) => console.log(error.name, error.code))";
    const program = await node(['-e', catching], cwd);
    expect(program).toEqual({ stdout: 'SluiceError ERR_SLUICE_NO_BINARY\n', stderr: '', status: 0 });
  }

  it('the package says so, and how to build one', async () => {
    const { cwd, path } = copy('none');
    renameSync(dirname(path), join(cwd, 'elsewhere'));
    await saysSo(cwd);
  });

  it('a binary of another architecture counts as none', async () => {
    const { cwd, path } = copy('foreign');
    const bytes = readFileSync(path);
    bytes.writeUInt16LE(0x15, 18); // e_machine: 64-bit PowerPC
    writeFileSync(path, bytes);
    await saysSo(cwd);
  });
});
