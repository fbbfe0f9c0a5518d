import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Outcome, run } from '../cli/run.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { served } from './serve.js';

needs('rclone');

const folder = temporaryFolder();
const server = served();
const file = fileOf(folder, 300_000);
const tree = join(folder, 'tree');
mkdirSync(join(tree, 'sub'), { recursive: true });
cpSync(file, join(tree, 'one'));
cpSync(file, join(tree, 'sub', 'zwei ü'));

/** As one configures it for ownCloud: rclone then states a SHA-1 or MD5 of what it uploads. */
const rclone = (...args: string[]): Promise<Outcome> =>
  run('rclone', [
    '--config',
    '/dev/null',
    '--webdav-url',
    server.url,
    '--webdav-vendor',
    'owncloud',
    ...args,
  ]);

afterEach(() => expect(server.complaints()).toBe(''));

describe('rclone', () => {
  it('copies a tree there', async () => {
    expect(await rclone('copy', tree, ':webdav:/tree')).toEqual({ stdout: '', stderr: '', status: 0 });
    expect(readFileSync(join(server.root, 'tree', 'sub', 'zwei ü'))).toEqual(readFileSync(file));
  });

  it('finds it the same, byte by byte', async () => {
    const { stderr, status } = await rclone('check', '--download', tree, ':webdav:/tree');
    expect(status).toBe(0);
    expect(stderr).toMatch(/0 differences found/);
    expect(stderr).toMatch(/2 matching files/);
  });

  it('lists it', async () => {
    const { stdout } = await rclone('lsf', '-R', '--format', 'ps', ':webdav:/tree');
    expect(stdout.split('\n').sort()).toEqual(['', 'one;300000', 'sub/;-1', 'sub/zwei ü;300000']);
  });

  it('moves, copies on the server, and deletes', async () => {
    expect((await rclone('moveto', ':webdav:/tree/one', ':webdav:/tree/eins')).status).toBe(0);
    expect((await rclone('copyto', ':webdav:/tree/eins', ':webdav:/tree/uno')).status).toBe(0);
    expect((await rclone('deletefile', ':webdav:/tree/eins')).status).toBe(0);
    expect((await rclone('lsf', ':webdav:/tree')).stdout.split('\n').sort()).toEqual(['', 'sub/', 'uno']);
    expect(readFileSync(join(server.root, 'tree', 'uno'))).toEqual(readFileSync(file));
    expect((await rclone('purge', ':webdav:/tree')).status).toBe(0);
    expect((await rclone('lsf', ':webdav:/')).stdout).toBe('');
  });
});
