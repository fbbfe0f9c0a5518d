import { type BigIntStats, truncateSync, utimesSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { OnDemandChecksums } from '../../lib/http/index.js';
import type { EngineChoice } from '../../lib/index.js';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { storedFile } from '../helpers/rot.js';
import { ask, serving } from './serving.js';

const folder = temporaryFolder();
const wanting = { 'Want-Digest': 'adler32' };
const byNode = { backend: 'userspace', backendReason: expect.stringContaining('Node') };

/** What `send` says of what summed. */
async function told(over: Promise<unknown[]>): Promise<unknown[]> {
  return (await over).map((each) => {
    const { backend, backendReason } = each as Record<string, unknown>;
    return { backend, backendReason };
  });
}

describe('what summed a file that is sent', () => {
  it.each(engines)('is %s, where that was asked for digests on demand', async (engine) => {
    const { port, over } = await serving(fileOf(folder, 700_000), { engine });
    for (const method of ['HEAD', 'GET']) await ask(port, wanting, method);
    const backend = engine === 'kernel' ? 'bpf' : 'userspace';
    const asked = { backend, backendReason: 'asked for' };
    expect(await told(over(2))).toEqual([asked, asked]);
  });

  it('is Node, where a hash is wanted', async () => {
    const { port, over } = await serving(fileOf(folder, 1000), { engine: 'userspace' });
    await ask(port, { 'Want-Digest': 'md5' });
    expect(await told(over(1))).toEqual([byNode]);
  });

  it('is user space, where it is verified on its way', async () => {
    const { port, over } = await serving(await storedFile(folder, 1000), { verify: 'onread' });
    await ask(port);
    expect(await told(over(1))).toEqual([byNode]);
  });

  it('is not told where nothing was summed', async () => {
    const { port, over } = await serving(await storedFile(folder, 1000));
    await ask(port, wanting);
    await ask(port, { Range: 'bytes=0-9' });
    const nothing = { backend: undefined, backendReason: undefined };
    expect(await told(over(2))).toEqual([nothing, nothing]);
  });
});

describe('who insists on an engine', () => {
  it('waits for a computation by another, and computes again', async () => {
    const path = fileOf(folder, 1);
    truncateSync(path, 2 ** 26);
    utimesSync(path, 1e9, 1e9);
    await using file = await open(path);
    const stats: BigIntStats = await file.stat({ bigint: true });
    const { signal } = new AbortController();
    const onDemand = new OnDemandChecksums();
    const compute = (engine?: EngineChoice) =>
      onDemand.compute(file.fd, stats, ['adler32'], { signal, ...(engine && { engine }) });
    const [first, shared, insisting] = await Promise.all([
      compute('userspace'),
      compute(),
      compute('userspace'),
    ]);
    expect(shared).toBe(first);
    expect(insisting).toBe(first);
    const [any, own] = await Promise.all([compute(), compute('userspace')]);
    expect(own).not.toBe(any);
    expect(own).toMatchObject({ values: any.values, backend: 'userspace', backendReason: 'asked for' });
    // What insists on the kernel fails where that can't go on; what does not, must not.
    const [insists, not] = await Promise.allSettled([compute('kernel'), compute()]);
    expect(not).toMatchObject({ status: 'fulfilled' });
    expect((not as PromiseFulfilledResult<unknown>).value).not.toBe((insists as { value?: unknown }).value);
  });
});
