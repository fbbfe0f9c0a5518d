import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { algorithms } from '../../lib/index.js';
import { relay } from '../../lib/relay/index.js';
import { engines } from '../helpers/engines.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { reference } from '../helpers/reference.js';
import { connection } from './ends.js';

const folder = temporaryFolder();

describe.each(engines)('moved and measured by %s', (engine) => {
  it.each(['tcp', 'unix'] as const)('1. from a %s socket into a file', async (family) => {
    const content = randomBytes(5_000_003);
    const path = fileOf(folder, 0);
    const { ours, theirs } = await connection(folder, family);
    const sink = openSync(path, 'r+');
    theirs.end(content);
    const result = await relay(ours, sink, { engine, algorithms });
    expect(result).toMatchObject({ bytes: content.length, measured: 'stored' });
    expect(result.engine).toBe(engine === 'kernel' ? 'bpf' : 'userspace');
    for (const name of algorithms) expect(result.checksums[name]?.value).toBe(reference(name, content));
    expect(readFileSync(path).equals(content)).toBe(true);
    closeSync(sink);
    ours.destroy();
  });
});
