import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { createChecksum, SluiceError } from '../../lib/index.js';
import { relay } from '../../lib/relay/index.js';
import { engines } from '../helpers/engines.js';
import { fileOf, openDescriptors, temporaryFolder } from '../helpers/files.js';
import { seeds } from '../helpers/rounds.js';
import { type Kind, sinkOf, sourceOf, startPoller } from './ends.js';

const folder = temporaryFolder();
const kinds: readonly (Kind | 'file')[] = ['file', 'tcp', 'unix', 'fifo'];
const ends = ['nothing', 'abort', 'source gone', 'sink gone'] as const;

/** Numbers that look random and come again with the same seed. */
function numbers(seed: number): (below: number) => number {
  let count = 0;
  return (below) => createHash('sha1').update(`${seed} ${count++}`).digest().readUInt32LE(0) % below;
}

/** One relay with a peer on either side that stalls now and then, and something that may end it at any moment. */
async function round(seed: number): Promise<string> {
  const pick = numbers(seed);
  const from = <T>(list: readonly T[]) => list[pick(list.length)] as T;
  const content = randomBytes(pick(10) === 0 ? pick(3) : pick(2_000_000));
  const [sourceKind, sinkKind] = [from(kinds), from(kinds)];
  const event = from([...ends, 'nothing', 'nothing'] as const);
  const controller = new AbortController();

  const source = sourceKind === 'file' ? undefined : await sourceOf(folder, sourceKind);
  const sink = sinkKind === 'file' ? undefined : await sinkOf(folder, sinkKind);
  const [sourcePath, sinkPath] = [fileOf(folder, content), fileOf(folder, 0)];
  const [sourceFd, sinkFd] = [openSync(sourcePath, 'r'), openSync(sinkPath, 'r+')];
  const received: Buffer[] = [];
  const relaying = relay(source?.end ?? sourceFd, sink?.end ?? sinkFd, {
    engine: from(engines),
    range: { end: content.length },
    signal: controller.signal,
  }).catch((error) => error);

  let over = false;
  const settled = relaying.then(() => {
    over = true;
  });
  // A source that goes does so before its last byte, however fast the machine is.
  const end = event === 'source gone' && content.length > 0 ? pick(content.length) : content.length;
  const feed = async () => {
    for (let at = 0; source && at < end && !over; ) {
      const piece = content.subarray(at, Math.min(end, at + 1 + pick(400_000)));
      source.theirs.write(piece);
      at += piece.length;
      if (pick(3) === 0) await setTimeout(pick(4));
    }
    if (event === 'source gone') source?.theirs.destroy();
  };
  const eat = async () => {
    while (sink && !over) {
      const piece = sink.theirs.read() as Buffer | null;
      if (piece) received.push(piece);
      await setTimeout(piece && pick(3) > 0 ? 0 : pick(4));
    }
  };
  const interfere = async () => {
    if (event !== 'abort' && event !== 'sink gone') return;
    for (let turns = pick(12); turns > 0 && !over; turns--) await setTimeout(1);
    if (event === 'abort') controller.abort();
    if (event === 'sink gone') sink?.theirs.destroy();
  };
  source?.theirs.on('error', () => {});
  sink?.theirs.on('error', () => {});
  await Promise.all([feed(), eat(), interfere(), settled]);
  const outcome = await relaying;

  sink?.close();
  if (sink && !sink.theirs.destroyed) for await (const rest of sink.theirs) received.push(rest as Buffer);
  const arrived = sink ? Buffer.concat(received) : readFileSync(sinkPath);
  if (outcome instanceof SluiceError) {
    expect(outcome.code).toMatch(/ABORTED|TRUNCATED|DISCONNECTED/);
    expect(event).not.toBe('nothing');
    if (!sink) expect(outcome.bytes).toBe(arrived.length);
    expect(arrived.equals(content.subarray(0, arrived.length))).toBe(true);
  } else {
    expect(outcome.bytes).toBe(content.length);
    expect(outcome.checksums.adler32.value).toBe(createChecksum('adler32').update(content).digest());
    if (event !== 'sink gone') expect(arrived.equals(content)).toBe(true);
  }
  source?.close();
  source?.theirs.destroy();
  sink?.theirs.destroy();
  for (const fd of [sourceFd, sinkFd]) closeSync(fd);
  for (const path of [sourcePath, sinkPath]) rmSync(path);
  return outcome instanceof SluiceError ? outcome.code : 'value';
}

beforeAll(() => startPoller(folder));

it('relays with peers that stall, go away, or are given up', async () => {
  const before = openDescriptors();
  const outcomes = new Set<string>();
  let rounds = 0;
  for (const seed of seeds(150)) {
    rounds++;
    try {
      outcomes.add(await round(seed));
    } catch (cause) {
      throw new Error(`in the round with the seed ${seed}: ${(cause as Error).message}`, { cause });
    }
  }
  expect(outcomes).toContain('value');
  // In fewer rounds not all of them need come.
  if (rounds >= 150) {
    expect([...outcomes].sort()).toEqual([
      'ERR_SLUICE_ABORTED',
      'ERR_SLUICE_DISCONNECTED',
      'ERR_SLUICE_TRUNCATED',
      'value',
    ]);
  }
  await expect.poll(openDescriptors).toEqual(before);
});
