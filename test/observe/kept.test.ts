/** What becomes of the attributes that a file has already. */

import {
  appendFileSync,
  closeSync,
  futimesSync,
  openSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { getAttribute, setAttribute } from '../../lib/files/xattr/attributes.js';
import { readChecksums } from '../../lib/files/xattr/read.js';
import { storeChecksums } from '../../lib/files/xattr/store.js';
import type { ObserveOptions } from '../../lib/observe/index.js';
import { fillAttributes } from '../helpers/attributes.js';
import { folderIn, temporaryFolder } from '../helpers/files.js';
import { adlerOf, keptAdler, Observed } from './observing.js';

const base = temporaryFolder();
const folder = () => folderIn(base);

describe.each(['reread', 'follow', 'hook'] as const)(
  'with the method %s, what is kept with a file',
  (method) => {
    const watch = (root: string, options: ObserveOptions) => new Observed(root, { method, ...options });

    it('stays where it is of another algorithm, and the same version', async () => {
      const root = folder();
      const path = join(root, 'file');
      writeFileSync(path, 'unchanged');
      await storeChecksums(path, { crc32c: 0x12345678n });
      const observed = watch(root, { profiles: ['sluice'] });
      closeSync(openSync(path, 'r+'));
      await observed.value(path);
      const kept = await readChecksums(path);
      expect(kept).toMatchObject([
        { algorithm: 'adler32', hex: adlerOf(path) },
        { algorithm: 'crc32c', hex: '12345678' },
      ]);
    });

    it('is not replaced where it differs, and nobody is known to have written to the file', async () => {
      const [root, outside] = [folder(), folder()];
      const path = join(outside, 'file');
      writeFileSync(path, 'rotten');
      await storeChecksums(path, { adler32: 1n });
      const observed = watch(root, { profiles: ['sluice', 'storm'] });
      renameSync(path, join(root, 'file'));
      expect(await observed.first(({ type }) => type === 'unknown')).toMatchObject({
        reason: 'differs',
        why: 'moved',
      });
      expect(await readChecksums(join(root, 'file'))).toMatchObject([{ profile: 'sluice', hex: '00000001' }]);
    });

    it('without a time goes with the stale value that told it from rot', async () => {
      const root = folder();
      const path = join(root, 'file');
      writeFileSync(path, 'first');
      const { adler32 } = { adler32: BigInt(`0x${adlerOf(path)}`) };
      await storeChecksums(path, { adler32 }, { profiles: ['sluice', 'storm'] });
      const observed = watch(root, { profiles: ['sluice'] });
      writeFileSync(path, 'second');
      await observed.value(path);
      expect(await keptAdler(path)).toBe(adlerOf(path));
    });

    it('can be without room: then nothing is set, and the reason told', async () => {
      const root = folder();
      const path = join(root, 'file');
      writeFileSync(path, 'full');
      const fd = openSync(path, 'r');
      await fillAttributes(fd);
      closeSync(fd);
      const observed = watch(root, { profiles: ['storm', 'sluice'] });
      appendFileSync(path, '!');
      const event = await observed.first(({ type }) => type === 'unknown');
      expect(event).toMatchObject({ file: path, reason: 'failed', error: { code: 'ERR_SLUICE_NO_SPACE' } });
      expect(await keptAdler(path)).toBeUndefined();
      expect(await getAttribute(path, 'user.sluice')).toBeUndefined();
    });

    it('by its owner can leave no room in the record: then nothing is set, the reason is told, and others are summed', async () => {
      const root = folder();
      const observed = watch(root, { profiles: ['storm', 'sluice'] });
      const path = join(root, 'file');
      const fd = openSync(path, 'w');
      writeSync(fd, 'content');
      futimesSync(fd, 1_700_000_000, 1_700_000_000);
      const record = 'v1 size=7 mtime=1700000000000000000 crc32c=00000000/';
      await setAttribute(path, 'user.sluice', Buffer.from(record.padEnd(1024, 'a')));
      await setAttribute(path, 'user.storm.checksum.adler32', Buffer.from('00000001'));
      closeSync(fd);
      expect(await observed.first((event) => event.type === 'unknown' && event.file === path)).toMatchObject({
        reason: 'failed',
        error: { code: 'ERR_SLUICE_NO_SPACE', attribute: 'user.sluice' },
      });
      expect(await keptAdler(path)).toBeUndefined();
      await observed.settled((other) => writeFileSync(other, ''), join(root, 'other'));
    });
  },
);
