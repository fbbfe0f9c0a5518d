/** A quota that is used up: for its error number, EDQUOT, Node has no name. */

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { StagedFile } from '../../lib/files/staging/staged-file.js';
import { fillChecksums } from '../../lib/files/xattr/index.js';
import { problemOf } from '../../lib/http/index.js';
import { SluiceError } from '../../lib/index.js';
import { relay } from '../../lib/relay/index.js';
import { codeOf, systemErrorName, systemErrorText } from '../../lib/system/system-error.js';
import { sluice } from '../cli/run.js';
import { mounted } from '../files/staging/mounts.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { putServer } from '../http/server.js';

needs('mkfs.btrfs', 'btrfs');

const folder = temporaryFolder('/var/tmp');
const mount = mounted(folder, 'btrfs', 256);
const noSpace = { code: 'ERR_SLUICE_NO_SPACE', errno: 122, message: expect.stringContaining('EDQUOT') };

let trees = 0;

/** A folder that may hold 8 MiB. */
function limited(): string {
  const tree = join(mount, `limited-${trees++}`);
  const btrfs = (...args: string[]) => execFileSync('btrfs', args, { stdio: 'pipe' });
  btrfs('quota', 'enable', mount);
  btrfs('subvolume', 'create', tree);
  btrfs('qgroup', 'limit', '8M', tree);
  return tree;
}

/** One that holds that already. */
function full(): string {
  const tree = limited();
  let refused: unknown;
  for (let i = 0; refused === undefined; i++) {
    try {
      writeFileSync(join(tree, `filler-${i}`), randomBytes(1 << 20));
    } catch (error) {
      refused = error;
    }
  }
  expect(codeOf(refused)).toBe('EDQUOT');
  return tree;
}

describe('a quota that is used up', () => {
  const content = randomBytes(20_000_000);
  const source = fileOf(folder, content);

  it('is no room for what a relay brings', async () => {
    const sink = openSync(join(limited(), 'sink'), 'w+');
    const from = openSync(source, 'r');
    await expect(relay(from, sink)).rejects.toMatchObject(noSpace);
    for (const fd of [from, sink]) closeSync(fd);
  });

  it('is no room for a staged file, nor for its content', async () => {
    await expect(StagedFile.create(join(limited(), 'staged'), { content })).rejects.toMatchObject(noSpace);
    const tree = full();
    const staged = async () => {
      await using file = await StagedFile.create(join(tree, 'staged'), { content });
      return file.fd;
    };
    await expect(staged()).rejects.toMatchObject(noSpace);
  });

  it('is no room for an attribute', async () => {
    const tree = limited();
    const fds = Array.from({ length: 20 }, (_, i) => openSync(join(tree, `file-${i}`), 'w+'));
    for (let i = 0; ; i++) {
      try {
        writeFileSync(join(tree, `filler-${i}`), randomBytes(1 << 20));
      } catch {
        break;
      }
    }
    const seen = await Promise.all(fds.map((fd) => fillChecksums(fd, {}).catch((error) => error)));
    for (const fd of fds) closeSync(fd);
    const refused = seen.filter((each) => each instanceof SluiceError);
    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused) expect(error).toMatchObject(noSpace);
  });

  it.each(['relay', 'stream'] as const)('is 507 for an upload by %s', async (transport) => {
    const { port, server, outcomes } = await putServer(limited(), { transport });
    const sent = request({ host: '127.0.0.1', port, method: 'PUT', path: '/uploaded' });
    const answered = new Promise<number | undefined>((resolve, reject) => {
      sent.on('response', (response) => {
        void buffer(response).then(() => resolve(response.statusCode), reject);
      });
      sent.on('error', () => {}); // the server does not wait for the rest
    });
    sent.end(content);
    expect(await answered).toBe(507);
    server.close();
    expect(outcomes).toMatchObject([{ code: 'ERR_SLUICE_NO_SPACE' }]);
  });

  it('ends "sluice copy", and a journal that has no room, in words', async () => {
    const copied = await sluice(['copy', source, join(limited(), 'copy')]);
    expect(copied).toMatchObject({ status: 1, stderr: expect.stringMatching(/EDQUOT\)\. Free some space/) });
    const tree = full();
    mkdirSync(join(folder, 'verified'), { recursive: true });
    fileOf(join(folder, 'verified'), 10);
    const verified = await sluice(['verify', '--journal', join(tree, 'journal'), join(folder, 'verified')]);
    expect(verified).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/EDQUOT\)\. Free some space/),
    });
  });

  it('is 507 where node:fs met it, too', () => {
    const tree = full();
    let met: unknown;
    try {
      mkdirSync(join(tree, 'folder'));
      writeFileSync(join(tree, 'folder', 'file'), randomBytes(1 << 20));
    } catch (error) {
      met = error;
    }
    expect(problemOf(met).status).toBe(507);
  });
});

describe('an error number', () => {
  /** From the system's own header: the names of 1 to 133. */
  const header = ['errno-base.h', 'errno.h'].map((name) =>
    readFileSync(`/usr/include/asm-generic/${name}`, 'utf8'),
  );
  const names = [...header.join('\n').matchAll(/^#define\s+(E\w+)\s+(\d+)/gm)].map(
    ([, name = '', number]) => [Number(number), name] as const,
  );

  /** Node's name for one that has two. */
  const other: Readonly<Record<string, string>> = { EOPNOTSUPP: 'ENOTSUP' };

  it.each(names)('%i has the name %s, and a meaning', (number, header) => {
    const name = other[header] ?? header;
    expect(systemErrorName(number)).toBe(name);
    expect(systemErrorText(number)).toMatch(new RegExp(`^[a-z.].*, ${name}$`));
    expect(codeOf({ code: `Unknown system error -${number}`, errno: -number })).toBe(name);
  });

  it('that the system does not have is told as a number', () => {
    expect(systemErrorText(9999)).toBe('error 9999 of the system');
  });
});
