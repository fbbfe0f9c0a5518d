import { describe, expect, it } from 'vitest';
import { run } from '../cli/run.js';
import { temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { served } from './serve.js';

needs('litmus');

const folder = temporaryFolder();
const server = served();

/** The suites of litmus 0.13, and how many tests each has. */
describe('litmus', () => {
  it.each([
    ['basic', 16],
    ['copymove', 13],
    ['props', 30],
    ['locks', 41],
    ['http', 4],
  ])('%s: all %i pass', async (suite, tests) => {
    const { stdout, status } = await run('env', [`TESTS=${suite}`, 'litmus', `${server.url}/`], {
      cwd: folder,
    });
    expect(stdout).toContain(`summary for \`${suite}': of ${tests} tests run: ${tests} passed, 0 failed.`);
    expect(stdout).not.toContain('WARNING');
    expect(status).toBe(0);
    expect(server.complaints()).toBe('');
  });
});
