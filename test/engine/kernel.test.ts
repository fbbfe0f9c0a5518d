import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { learnPageAddress, openWithPageAddress } from '../../lib/engine/page-address.js';
import { checksum } from '../../lib/index.js';
import { native } from '../../lib/native/index.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { report } from '../helpers/probed.js';
import { start } from '../helpers/program.js';
import { reference } from '../helpers/reference.js';
import { rounds } from '../helpers/rounds.js';

needs('python3');

const folder = temporaryFolder();
chmodSync(folder, 0o755);
const program = (name: string) => new URL(`programs/${name}`, import.meta.url);

/** Puts a command under setpriv: an unprivileged user with the ambient capabilities named. */
function asNobody(capabilities: string, user = 65534): string[] {
  const list = capabilities || '-all';
  const ids = [`--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
  return ['setpriv', ...ids, `--inh-caps=${list}`, `--ambient-caps=${list}`];
}

/** What a program prints that prints JSON. */
async function told(name: string, args: string[], under: string[] = []) {
  return JSON.parse(await start(program(name), args, { under }).rest());
}

describe('probe()', () => {
  it('finds the kernel engine wherever its parts are there', () => {
    const { CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN } = report.capabilities;
    const parts =
      (CAP_SYS_ADMIN || (CAP_BPF && CAP_PERFMON)) &&
      report.btf.available &&
      report.programTypes['syscall']?.available === true &&
      report.lockdown !== 'confidentiality';
    expect(report.backends.bpf.available, report.backends.bpf.reason).toBe(parts);
  });
});

describe('addresses of pages', () => {
  it.runIf(report.backends.bpf.available)(
    'are found by a search wherever symbols are hidden, and alike where not',
    () => {
      const search = learnPageAddress(['search']);
      expect(search.method).toBe('search');
      expect(search.result.shift).toBe(6);
      if (report.ksyms.available) expect(learnPageAddress(['symbols']).result.bias).toBe(search.result.bias);
      else expect(() => learnPageAddress(['symbols'])).toThrow(/could not be learnt/);
    },
  );

  it.runIf(report.backends.bpf.available)('are learnt once for all taps', () => {
    const { method } = openWithPageAddress('pipe');
    const learn = vi.spyOn(native, 'learnPageAddress');
    expect(openWithPageAddress('pipe').method).toBe(method);
    expect(learn).not.toHaveBeenCalled();
    learn.mockRestore();
  });
});

describe('the kernel engine, by capabilities', () => {
  const content = randomBytes(1_000_000);
  const path = fileOf(folder, content);
  chmodSync(path, 0o644);
  const right = reference('adler32', content).toString(16).padStart(8, '0');

  it('needs CAP_BPF and CAP_PERFMON to be loaded, and none later: no thread holds any', async () => {
    const seen = await told('dropping.mjs', [path], asNobody('+bpf,+perfmon'));
    const loaded = report.backends.bpf.available;
    expect(seen).toMatchObject({ loaded, hex: right, backend: loaded ? 'bpf' : 'userspace' });
    expect(seen.threads.length).toBeGreaterThan(4);
    const none = '0000000000000000';
    for (const thread of seen.threads) expect(thread).toMatchObject({ Prm: none, Eff: none, Amb: none });
  });

  /** CAP_SYS_ADMIN, CAP_PERFMON, CAP_BPF. */
  const gone = (1n << 21n) | (1n << 38n) | (1n << 39n);

  it('takes them from root, too: no thread holds any of them, nor a program that is started', async () => {
    const mine = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    const { threads, started } = await told('dropping.mjs', [path]);
    expect(threads.length).toBeGreaterThan(4);
    // The rest of what root has is left to it.
    for (const each of [...threads, started]) {
      for (const [set, bits] of Object.entries(each))
        expect([set, BigInt(`0x${bits}`) & gone]).toEqual([set, 0n]);
      expect(BigInt(`0x${each.Eff}`)).toBe(BigInt(`0x${mine}`) & ~gone);
    }
  });

  it('says that the process has to end where they can not be dropped', async () => {
    const filtered = ['python3', fileURLToPath(program('without-capset.py'))];
    expect(await told('dropping.mjs', [path], filtered)).toMatchObject({
      code: 'ERR_SLUICE_STILL_PRIVILEGED',
      errno: 1,
      message: expect.stringContaining('End the process'),
    });
  });

  it('says so where a program that root starts would have them again, without CAP_SETPCAP or no_new_privs', async () => {
    const lacking = ['setpriv', '--bounding-set=-setpcap'];
    expect(await told('dropping.mjs', [path], lacking)).toMatchObject({
      code: 'ERR_SLUICE_STILL_PRIVILEGED',
      errno: 1,
    });
    const { threads, started } = await told('dropping.mjs', [path], [...lacking, '--no-new-privs']);
    for (const { Eff } of [...threads, started]) expect(BigInt(`0x${Eff}`) & gone).toBe(0n);
  });

  it('works with pipes of two buffers, which is what a user gets whose allowance is used up', async () => {
    // The allowance is counted by user: this one is nobody else's in these tests.
    const user = asNobody('+bpf,+perfmon', 65_531);
    const seen = await told(
      'summing.mjs',
      [path],
      [...user, 'perl', fileURLToPath(program('small-pipes.pl'))],
    );
    if (report.backends.bpf.available) expect(seen.kernel).toEqual({ hex: right, backend: 'bpf' });
    else expect(seen.auto).toEqual({ hex: right, backend: 'userspace' });
  });

  it.each([
    ['', 'CAP_BPF and CAP_PERFMON'],
    ['+bpf', 'CAP_PERFMON'],
    ['+perfmon', 'CAP_BPF'],
  ])(
    'is an error with %j only, which says that %s is lacking, and user space serves',
    async (capabilities, lacking) => {
      const seen = await told('summing.mjs', [path], asNobody(capabilities));
      expect(seen.auto).toEqual({ hex: right, backend: 'userspace' });
      expect(seen.kernel.code).toBe('ERR_SLUICE_NO_CAPABILITY');
      expect(seen.kernel.message).toContain(
        `it lacks ${lacking}. Grant ${lacking} (systemd: AmbientCapabilities=${lacking.replace(' and', '')}; or run as root), or use`,
      );
      expect(seen.probed).toMatchObject({
        available: false,
        remedy: expect.stringContaining('AmbientCapabilities'),
      });
    },
  );
});

describe('the kernel engine, used many times', () => {
  it.runIf(report.backends.bpf.available)('leaves no map, program or descriptor open', async () => {
    const args = [fileOf(folder, 100_000), String(rounds(200))];
    const { before, after } = await told('descriptors.mjs', args);
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

describe('the kernel engine where it can not be had', () => {
  it('is an error where it is insisted on, and no reason to fail elsewhere', async () => {
    const path = fileOf(folder, 10);
    const result = checksum(path, { engine: 'kernel' });
    if (report.backends.bpf.available)
      expect(await result).toMatchObject({ backend: 'bpf', backendReason: 'asked for' });
    else
      await expect(result).rejects.toMatchObject({
        code: /ERR_SLUICE_(KERNEL_ENGINE|NO_CAPABILITY|VERIFIER)/,
      });
  });
});
