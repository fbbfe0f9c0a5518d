import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { relay } from '../../lib/relay/index.js';
import { endlessSums } from '../helpers/endless.js';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { reference } from '../helpers/reference.js';

const folder = temporaryFolder();

describe.each(engines)('a relay beside sums without end that have all of their threads, in %s', (engine) => {
  it('moves all, and ends', async () => {
    const content = randomBytes(1_000_000);
    const source = openSync(fileOf(folder, content), 'r');
    const sink = openSync(fileOf(folder, 0), 'r+');
    const stop = endlessSums(folder);
    expect(await relay(source, sink, { engine })).toMatchObject({
      bytes: content.length,
      checksums: { adler32: { value: reference('adler32', content) } },
    });
    await stop();
    for (const fd of [source, sink]) closeSync(fd);
  });
});
