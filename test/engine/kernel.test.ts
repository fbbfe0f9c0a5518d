import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { learnPageAddress } from '../../lib/engine/page-address.js';
import { checksum, probe } from '../../lib/index.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { reference } from '../helpers/reference.js';
import { rounds } from '../helpers/rounds.js';

needs('python3', 'strace');

const folder = temporaryFolder();
chmodSync(folder, 0o755);
const report = probe();
const index = JSON.stringify(new URL('../../dist/index.js', import.meta.url).href);

/** Runs a module script under setpriv, as an unprivileged user with the ambient capabilities named, by way of `before`. */
function asNobody(capabilities: string, script: string, user = 65534, before: string[] = []): string {
  const list = capabilities || '-all';
  const args = [
    `--reuid=${user}`,
    `--regid=${user}`,
    '--clear-groups',
    `--inh-caps=${list}`,
    `--ambient-caps=${list}`,
  ];
  return execFileSync(
    'setpriv',
    [...args, ...before, process.execPath, '--input-type=module', '-e', script],
    {
      encoding: 'utf8',
    },
  );
}

describe('1. the probe', () => {
  it('finds the kernel engine wherever its parts are there', () => {
    const { CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN } = report.capabilities;
    const parts =
      (CAP_SYS_ADMIN || (CAP_BPF && CAP_PERFMON)) &&
      report.btf.available &&
      report.programTypes['syscall']?.available === true &&
      report.lockdown !== 'confidentiality';
    expect(report.engines.bpf.available, report.engines.bpf.reason).toBe(parts);
  });
});

describe('2. addresses of pages', () => {
  it.runIf(report.engines.bpf.available)(
    'are found by a search wherever symbols are hidden, and alike where not',
    () => {
      const search = learnPageAddress(['search']);
      expect(search.method).toBe('search');
      expect(search.result.shift).toBe(6);
      if (report.ksyms.available) expect(learnPageAddress(['symbols']).result.bias).toBe(search.result.bias);
      else expect(() => learnPageAddress(['symbols'])).toThrow(/could not be learnt/);
    },
  );
});

describe('3. capabilities', () => {
  const content = randomBytes(1_000_000);
  const path = fileOf(folder, content);
  chmodSync(path, 0o644);
  const right = reference('adler32', content).toString(16).padStart(8, '0');

  it('CAP_BPF and CAP_PERFMON suffice, and once loaded none is needed: no thread holds any', () => {
    const printed = asNobody(
      '+bpf,+perfmon',
      `
const { checksum, loadAndDropCapabilities } = await import(${index});
import { readdirSync, readFileSync } from 'node:fs';
await checksum(${JSON.stringify(path)}, { engine: 'userspace', threads: 2 }); // so that workers exist
const loaded = loadAndDropCapabilities();
const held = readdirSync('/proc/self/task').map((id) =>
  readFileSync('/proc/self/task/' + id + '/status', 'utf8').match(/Cap(Eff|Prm|Amb):\\s*\\w+/g).join());
const { hex, backend } = await checksum(${JSON.stringify(path)}, { engine: loaded ? 'kernel' : 'userspace' });
console.log(JSON.stringify({ loaded, held: [...new Set(held)], threads: held.length, hex, backend }));`,
    );
    const seen = JSON.parse(printed);
    const loaded = report.engines.bpf.available;
    expect(seen).toMatchObject({ loaded, hex: right, backend: loaded ? 'bpf' : 'userspace' });
    expect(seen.threads).toBeGreaterThan(4);
    const zero = '0000000000000000';
    expect(seen.held.map((line: string) => line.replace(/\s+/g, ' '))).toEqual([
      `CapPrm: ${zero},CapEff: ${zero},CapAmb: ${zero}`,
    ]);
  });

  it('root loses them too, in every thread, for good: programs that it starts have them no more', () => {
    const script = `
const { checksum, loadAndDropCapabilities } = await import(${index});
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
await checksum(${JSON.stringify(path)}, { engine: 'userspace', threads: 2 });
loadAndDropCapabilities();
const sets = (text) => text.match(/^Cap(Prm|Eff|Bnd|Amb):.*$/gm).map((line) => line.split(/:\\s*/));
const threads = readdirSync('/proc/self/task').map((id) => sets(readFileSync('/proc/self/task/' + id + '/status', 'utf8')));
console.log(JSON.stringify([...threads, sets(execFileSync('cat', ['/proc/self/status'], { encoding: 'utf8' }))]));`;
    const mine = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    const seen = JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }),
    );
    expect(seen.length).toBeGreaterThan(5);
    // CAP_SYS_ADMIN, CAP_PERFMON, CAP_BPF; the rest of what root has is left to it.
    const gone = (1n << 21n) | (1n << 38n) | (1n << 39n);
    for (const thread of seen) {
      for (const [set, bits] of thread) expect([set, BigInt(`0x${bits}`) & gone]).toEqual([set, 0n]);
      const effective = thread.find(([set]: [string]) => set === 'CapEff')[1];
      expect(BigInt(`0x${effective}`)).toBe(BigInt(`0x${mine}`) & ~gone);
    }
  });

  it('where they can not be dropped, the server is told to end', () => {
    // A filter of system calls, as a container has one, refuses capset(2): EPERM.
    const filtered = `
import ctypes, os, struct, sys
filter = b''.join(struct.pack('HBBI', *each) for each in [
  (0x20, 0, 0, 0), (0x15, 0, 1, ${process.arch === 'arm64' ? 91 : 126}), (0x06, 0, 0, 0x50001), (0x06, 0, 0, 0x7fff0000)])
buffer = ctypes.create_string_buffer(filter)
program = ctypes.create_string_buffer(struct.pack('HxxxxxxQ', 4, ctypes.addressof(buffer)))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program): raise OSError(ctypes.get_errno(), 'prctl')
os.execv(sys.argv[1], sys.argv[1:])`;
    const script = `
const { loadAndDropCapabilities } = await import(${index});
try { loadAndDropCapabilities(); } catch ({ code, errno, message }) { console.log(JSON.stringify({ code, errno, message })); }`;
    const printed = execFileSync(
      'python3',
      ['-c', filtered, process.execPath, '--input-type=module', '-e', script],
      { encoding: 'utf8' },
    );
    expect(JSON.parse(printed)).toMatchObject({
      code: 'ERR_SLUICE_STILL_PRIVILEGED',
      errno: 1,
      message: expect.stringContaining('End the process'),
    });
  });

  it('with pipes of two buffers, which is what a user gets whose allowance is used up, the engine is the same', () => {
    // F_GETPIPE_SZ and F_SETPIPE_SZ, until a pipe has two pages.
    const exhausted =
      'for (;;) { pipe($r, $w); push @held, $r, $w; $n = fcntl($r, 1032, 0); last if $n <= 8192; ' +
      'fcntl($r, 1031, 1 << 20); undef $r; undef $w } exit(system(@ARGV) >> 8)';
    const script = `
const { checksum } = await import(${index});
const { hex, backend } = await checksum(${JSON.stringify(path)}, { engine: ${JSON.stringify(report.engines.bpf.available ? 'kernel' : 'auto')} });
console.log(hex, backend);`;
    // The allowance is counted by user: this one is nobody else's in these tests.
    const printed = asNobody('+bpf,+perfmon', script, 65_531, ['perl', '-e', exhausted]);
    expect(printed.trim()).toBe(`${right} ${report.engines.bpf.available ? 'bpf' : 'userspace'}`);
  });

  it.each([
    ['', 'CAP_BPF and CAP_PERFMON'],
    ['+bpf', 'CAP_PERFMON'],
    ['+perfmon', 'CAP_BPF'],
  ])(
    'with %j only, user space serves and says that it lacks %s; the kernel engine is an error',
    (capabilities, lacking) => {
      const printed = asNobody(
        capabilities,
        `
const { checksum, probe } = await import(${index});
const { hex, backend } = await checksum(${JSON.stringify(path)});
const error = await checksum(${JSON.stringify(path)}, { engine: 'kernel' }).catch((error) => error);
console.log(JSON.stringify({ hex, backend, code: error.code, message: error.message, bpf: probe().engines.bpf }));`,
      );
      const seen = JSON.parse(printed);
      expect(seen).toMatchObject({ hex: right, backend: 'userspace', code: 'ERR_SLUICE_NO_CAPABILITY' });
      expect(seen.message).toContain(
        `it lacks ${lacking}. Grant ${lacking} (systemd: AmbientCapabilities=${lacking.replace(' and', '')}; or run as root), or use`,
      );
      expect(seen.bpf).toMatchObject({
        available: false,
        remedy: expect.stringContaining('AmbientCapabilities'),
      });
    },
  );
});

describe.runIf(report.engines.bpf.available)('4. BPF that is switched off', () => {
  const path = fileOf(folder, 10);
  /** What is said where the kernel answers every call of bpf(2) with this error. */
  const told = (error: string) => {
    const script = `
const { checksum, probe } = await import(${index});
const { code, message } = await checksum(${JSON.stringify(path)}, { engine: 'kernel' }).catch((error) => error);
const { backend } = await checksum(${JSON.stringify(path)});
console.log(JSON.stringify({ code, message, backend, bpf: probe().engines.bpf }));`;
    const strace = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=bpf', '-e', `inject=bpf:error=${error}`];
    const command = [process.execPath, '--input-type=module', '-e', script];
    return JSON.parse(execFileSync('strace', [...strace, ...command], { encoding: 'utf8' }));
  };

  it.each([['ENOSYS'], ['EPERM']])(
    'with %s is an error that says so, and the probe does not point to itself',
    (error) => {
      const seen = told(error);
      const reason = new RegExp(
        `^This kernel refuses everybody the system call bpf \\(${error}\\), so the calibration program can't be loaded`,
      );
      expect(seen).toMatchObject({ code: 'ERR_SLUICE_KERNEL_ENGINE', backend: 'userspace' });
      expect(seen.message).toMatch(reason);
      const remedy = 'Run it on a kernel that has bpf, or use the user-space engine.';
      expect(seen.message).toContain(remedy);
      expect(seen.bpf).toMatchObject({ available: false, remedy });
      expect(seen.bpf.reason).toMatch(reason);
    },
  );
});

describe('5. leaks', () => {
  it.runIf(report.engines.bpf.available)('no map, program or descriptor stays behind', async () => {
    const script = `
const { checksum } = await import(${index});
import { readdirSync, readlinkSync } from 'node:fs';
const path = ${JSON.stringify(fileOf(folder, 100_000))};
const open = () => readdirSync('/proc/self/fd').flatMap((fd) => { try { return [readlinkSync('/proc/self/fd/' + fd)]; } catch { return []; } });
const many = async () => { for (let i = 0; i < ${rounds(200)}; i++) await checksum(path, { engine: 'kernel', threads: 2 }); };
await many();
const before = open();
await many(); await many();
console.log(JSON.stringify({ before: before.sort(), after: open().sort() }));`;
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    const { before, after } = JSON.parse(printed);
    // A worker makes its pipe (two ends, and /dev/null to drain it into) when it first serves; there are two workers.
    const pooled = (name: string) => name.startsWith('pipe:') || name === '/dev/null';
    const others = (names: string[]) => names.filter((name) => !pooled(name));
    expect(others(after)).toEqual(others(before));
    expect(after.filter(pooled).length - before.filter(pooled).length).toBeLessThanOrEqual(3);
    // Two programs; the map of states is mapped, and its descriptor closed.
    expect(before.filter((name: string) => name.includes('bpf-prog'))).toHaveLength(2);
    expect(before.filter((name: string) => name.includes('bpf-map'))).toHaveLength(0);
  });
});

describe('6. a kernel engine that can not be had', () => {
  it('is an error where it is insisted on, and no reason to fail elsewhere', async () => {
    const path = fileOf(folder, 10);
    const result = checksum(path, { engine: 'kernel' });
    if (report.engines.bpf.available)
      expect(await result).toMatchObject({ backend: 'bpf', backendReason: 'asked for' });
    else
      await expect(result).rejects.toMatchObject({
        code: /ERR_SLUICE_(KERNEL_ENGINE|NO_CAPABILITY|VERIFIER)/,
      });
  });
});
