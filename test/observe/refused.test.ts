import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ObserveOptions, observe } from '../../lib/observe/index.js';
import { binary, run, sluice, unprivileged } from '../cli/run.js';
import { fileOf, openDescriptors, temporaryFolder } from '../helpers/files.js';
import { Observed } from './observing.js';

const base = temporaryFolder();

it.each([
  [{ algorithms: ['md5'] }, 'md5'],
  [{ algorithms: [] }, 'algorithms'],
  [{ profiles: ['none'] }, 'none'],
  [{ profiles: [] }, 'profiles'],
  [{ profiles: ['storm'], algorithms: ['crc32c'] }, 'storm'],
  [{ method: 'magic' }, 'method'],
  [{ signal: {} }, 'signal'],
  [{ metod: 'auto' }, 'metod'],
])('%j is refused at the call', (options, name) => {
  expect(() => observe(base, options as unknown as ObserveOptions)).toThrow(name);
});

it.each([[[]], [''], [undefined], [[1]], ['a\0b']])('folders %j are refused at the call', (folders) => {
  expect(() => observe(folders as string)).toThrow(expect.objectContaining({ code: 'ERR_SLUICE_OPTION' }));
});

describe('a folder that can not be observed is refused at the call:', () => {
  it('one that is not there', () => {
    expect(() => observe(join(base, 'missing'))).toThrow(
      expect.objectContaining({ code: 'ERR_SLUICE_NOT_FOUND', path: join(base, 'missing') }),
    );
  });

  it('a file', () => {
    const file = fileOf(base, 1);
    expect(() => observe(file)).toThrow(expect.objectContaining({ path: file }));
  });

  it('one of /proc, whose files have no handles', () => {
    expect(() => observe('/proc/self')).toThrow(
      expect.objectContaining({ code: 'ERR_SLUICE_UNSUPPORTED', path: '/proc/self' }),
    );
  });

  it('the second of two, and nothing stays open of the first', () => {
    const before = openDescriptors();
    expect(() => observe([base, '/proc/self'])).toThrow(expect.objectContaining({ path: '/proc/self' }));
    globalThis.gc?.();
    expect(openDescriptors().filter((target) => target.includes('fanotify'))).toEqual(
      before.filter((target) => target.includes('fanotify')),
    );
  });
});

it('a process without privilege is told which capability it lacks', async () => {
  const [command, ...rest] = unprivileged;
  const { stderr, status } = await run(command, [...rest, process.execPath, binary, 'observe', base]);
  expect(stderr).toMatch(/lacks CAP_(SYS_ADMIN|DAC_READ_SEARCH)/);
  expect(status).toBe(3);
});

it('on tmpfs files are observed, too', async () => {
  const root = join(base, 'tmpfs');
  mkdirSync(root);
  execFileSync('mount', ['-t', 'tmpfs', 'none', root]);
  onTestFinished(() => void execFileSync('umount', ['-l', root]));
  const observed = new Observed(root);
  writeFileSync(join(root, 'file'), 'in memory');
  expect(await observed.value(join(root, 'file'))).toMatchObject({ bytes: 9 });
});

it('a folder seen through a bind mount is observed, and not what lies beside it', async () => {
  const [root, bound] = [join(base, 'whole'), join(base, 'bound')];
  mkdirSync(join(root, 'part'), { recursive: true });
  mkdirSync(join(root, 'beside'));
  mkdirSync(bound);
  execFileSync('mount', ['--bind', join(root, 'part'), bound]);
  onTestFinished(() => void execFileSync('umount', ['-l', bound]));
  const observed = new Observed(bound);
  writeFileSync(join(root, 'beside', 'file'), 'beside');
  writeFileSync(join(root, 'part', 'file'), 'by its other way');
  expect(await observed.value(join(bound, 'file'))).toMatchObject({ bytes: 16 });
  await observed.settled((path) => writeFileSync(path, ''), join(bound, 'last'));
  expect(observed.events).toHaveLength(2);
});

describe('an observation', () => {
  it('ends when it is disposed of, and leaves nothing open', async () => {
    const before = openDescriptors();
    const observation = observe(base);
    expect(openDescriptors().length).toBeGreaterThan(before.length);
    await observation[Symbol.asyncDispose]();
    expect(openDescriptors()).toEqual(before);
    const events = [];
    for await (const event of observation) events.push(event);
    expect(events).toEqual([]);
  });

  it('ends when its loop is left', async () => {
    const before = openDescriptors();
    const observation = observe(base);
    writeFileSync(join(base, 'leave'), '');
    for await (const event of observation) {
      expect(event).toMatchObject({ type: 'value' });
      break;
    }
    expect(openDescriptors()).toEqual(before);
  });

  it('ends with ERR_SLUICE_ABORTED when its signal fires, or had fired', async () => {
    const controller = new AbortController();
    const loop = async () => {
      for await (const _ of observe(base, { signal: controller.signal })) controller.abort('enough');
    };
    const ended = expect(loop()).rejects.toMatchObject({ code: 'ERR_SLUICE_ABORTED', cause: 'enough' });
    writeFileSync(join(base, 'abort'), '');
    await ended;
    await expect(loop()).rejects.toMatchObject({ code: 'ERR_SLUICE_ABORTED' });
  });
});

it('the help names the command', async () => {
  expect((await sluice(['--help'])).stdout).toContain('observe');
});
