import { expect, it } from 'vitest';
import { traits } from '../../lib/engine/backends.js';
import { type Backend, backends } from '../../lib/native/backends.js';
import { type NativeOutcome, native } from '../../lib/native/index.js';

function summedBy(backend: string): Promise<NativeOutcome> {
  const request = {
    source: import.meta.filename,
    algorithms: 1,
    backend: backend as Backend,
    backendFrom: 0,
    fallback: true,
    bypassCache: false,
    start: 0,
    end: -1,
    threads: 1,
    pool: 1,
  };
  return new Promise((done) => native.checksum(request, done));
}

it.each(backends)('the addon has a backend named %s', async (backend) => {
  expect(backends).toContain((await summedBy(backend)).backend);
  expect(traits[backend].place).not.toBe('');
});

it.each(['kfunc', 'kernel', ''])('the addon refuses a backend named %j, which there is not', async (name) => {
  await expect(summedBy(name)).rejects.toThrow(new RangeError(`no such backend: ${name}`));
});
