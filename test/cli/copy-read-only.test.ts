import { execFileSync } from 'node:child_process';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { needs } from '../helpers/needs.js';
import { directory, sluiceUnprivileged } from './run.js';

needs('setfattr', 'getfattr');

it('sluice copy keeps attributes and checksums with a mode that forbids writing', async () => {
  const folder = directory();
  const path = join(folder, 'source');
  writeFileSync(path, '123456789');
  execFileSync('setfattr', ['-n', 'user.note', '-v', 'kept', path]);
  chmodSync(path, 0o444);
  const to = join(folder, 'copy');
  for (const keep of ['mode,xattrs', 'xattrs']) {
    const copied = await sluiceUnprivileged(['copy', '--keep', keep, '--profile', 'storm', path, to]);
    expect(copied).toMatchObject({ status: 0, stderr: '' });
    expect(statSync(to).mode & 0o777).toBe(0o444);
    const attributes = execFileSync('getfattr', ['--absolute-names', '-d', to], { encoding: 'utf8' });
    expect(attributes).toContain('user.note="kept"');
    expect(attributes).toContain('user.storm.checksum.adler32="091e01de"');
  }
});
