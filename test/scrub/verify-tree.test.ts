/** Runs over trees as a program makes them; test/cli/verify.test.ts has what becomes of each kind of file. */

import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fillChecksums } from '../../lib/files/xattr/index.js';
import {
  type SluiceError,
  type TreeVerification,
  type VerifiedFile,
  type VerifyTreeOptions,
  verifyTree,
} from '../../lib/index.js';
import { openDescriptors, temporaryFolder } from '../helpers/files.js';

const folder = temporaryFolder();
let count = 0;

async function all(run: TreeVerification): Promise<VerifiedFile[]> {
  const files: VerifiedFile[] = [];
  for await (const file of run) files.push(file);
  return files;
}

/** A folder of so many files with their checksums. */
async function tree(files: number): Promise<string> {
  const root = join(folder, String(count++));
  mkdirSync(root);
  for (let i = 0; i < files; i++) {
    const path = join(root, String(i).padStart(3, '0'));
    writeFileSync(path, `file ${i}`);
    await fillChecksums(path, {});
  }
  return root;
}

const names = (files: number) => Array.from({ length: files }, (_, i) => String(i).padStart(3, '0'));

describe('verifyTree', () => {
  it('gives each file in order, with its verdict, and totals', async () => {
    const root = await tree(5);
    appendFileSync(join(root, '001'), 'changed');
    writeFileSync(join(root, '005'), 'new');
    const before = openDescriptors();
    const run = verifyTree(root);
    const found: [string, string][] = [];
    for await (const { path, verdict, verification } of run) {
      expect(verification?.verdict).toBe(verdict);
      found.push([path.slice(root.length + 1), verdict]);
    }
    expect(found).toEqual([
      ['000', 'ok'],
      ['001', 'stale'],
      ['002', 'ok'],
      ['003', 'ok'],
      ['004', 'ok'],
      ['005', 'missing'],
    ]);
    expect(run.totals).toMatchObject({ files: 6, ok: 4, stale: 1, missing: 1, bytes: 4 * 6, rot: 0 });
    expect(openDescriptors()).toEqual(before);
  });

  it('takes several folders, and tells of one that is not there without ending', async () => {
    const [one, other] = [await tree(1), await tree(2)];
    const run = verifyTree([one, join(folder, 'nowhere'), other]);
    const errors: (SluiceError | undefined)[] = [];
    for await (const { error } of run) errors.push(error);
    expect(errors.map((error) => error?.code)).toEqual([
      undefined,
      'ERR_SLUICE_NOT_FOUND',
      undefined,
      undefined,
    ]);
    expect(run.totals).toMatchObject({ files: 4, ok: 3, unreadable: 1 });
  });

  it('stores checksums where there are none, and then finds them', async () => {
    const root = await tree(1);
    writeFileSync(join(root, '001'), 'new');
    const verdicts = async (options?: VerifyTreeOptions) =>
      (await all(verifyTree(root, options))).map(({ verdict }) => verdict);
    expect(await verdicts({ store: true })).toEqual(['ok', 'stored']);
    expect(await verdicts()).toEqual(['ok', 'ok']);
  });

  it.each([1, 7, 29])(
    'a run that is left after %i files is taken up by the next, and counts each file once',
    async (after) => {
      const root = await tree(30);
      const journal = join(folder, `journal-${after}`);
      const seen: string[] = [];
      for await (const { path } of verifyTree(root, { journal, threads: 2 })) {
        if (seen.push(path.slice(root.length + 1)) === after) break;
      }
      expect(existsSync(journal)).toBe(true);
      const next = verifyTree(root, { journal, threads: 2 });
      for await (const { path } of next) seen.push(path.slice(root.length + 1));
      expect(seen).toEqual(names(30));
      expect(next.totals).toMatchObject({ files: 30, ok: 30 });
      expect(existsSync(journal)).toBe(false);
    },
  );

  it('a run that is aborted keeps its journal', async () => {
    const root = await tree(20);
    const journal = join(folder, 'journal-aborted');
    const controller = new AbortController();
    const run = verifyTree(root, { journal, signal: controller.signal, threads: 1 });
    const loop = async () => {
      for await (const _ of run) if (run.totals.files === 5) controller.abort('enough');
    };
    await expect(loop()).rejects.toMatchObject({ code: 'ERR_SLUICE_ABORTED', cause: 'enough' });
    expect(JSON.parse(readFileSync(journal, 'utf8')).checkpoint.totals.files).toBe(5);
    const next = verifyTree(root, { journal });
    await all(next);
    expect(next.totals).toMatchObject({ files: 20, ok: 20 });
  });

  it('says how much was read, and ends with what onProgress throws', async () => {
    const root = await tree(10);
    const said: number[] = [];
    const run = verifyTree(root, { onProgress: (bytes) => said.push(bytes) });
    await all(run);
    expect(said.at(-1)).toBe(run.totals.bytes);
    const thrown = new Error('no more');
    const failing = verifyTree(root, {
      onProgress: () => {
        throw thrown;
      },
    });
    await expect(all(failing)).rejects.toBe(thrown);
  });

  it.each([
    [{ threads: 0 }, 'threads'],
    [{ maxRate: 0 }, 'rate'],
    [{ store: 1 }, 'store'],
    [{ profiles: ['none'] }, 'none'],
    [{ journal: '' }, 'journal'],
    [{ onProgress: 1 }, 'onProgress'],
    [{ signal: {} }, 'signal'],
    [{ engine: 'gpu' }, 'engine'],
    [{ threds: 2 }, 'threds'],
  ])('%j is refused at the call', (options, name) => {
    expect(() => verifyTree(folder, options as unknown as VerifyTreeOptions)).toThrow(name);
  });

  it.each([[[]], [''], [undefined], [[1]]])('folders %j are refused at the call', (folders) => {
    expect(() => verifyTree(folders as string)).toThrow(
      expect.objectContaining({ code: 'ERR_SLUICE_OPTION' }),
    );
  });
});
