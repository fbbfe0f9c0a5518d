import { describe, expect, it } from 'vitest';
import { quotedSentencesOf } from '../../lib/cli/output/advice.js';
import { quoteName } from '../../lib/cli/output/quote.js';
import { SluiceError } from '../../lib/index.js';
import { directory, run } from './run.js';

const names = [
  ...Array.from({ length: 126 }, (_, i) => String.fromCharCode(i + 1)),
  ...Array.from({ length: 126 }, (_, i) => `a${String.fromCharCode(i + 1)}b`),
  ...Array.from({ length: 126 }, (_, i) => `it's${String.fromCharCode(i + 1)}`),
  'plain',
  'with blank',
  'many  kinds of "quotes", it\'s `one`',
  "''",
  'tab\tand\nline',
  '\nfirst',
  'last\n',
  '\u001b[2Jgone',
  '\u00011',
  '# no comment',
  '~user',
  '{}',
  'a{b}',
  'a~#',
  'ünïcode',
  "l'été",
  'e\u0301',
  'no\u00a0break',
  'right\u202eleft',
  'line\u2028paragraph\u2029',
  'next\u0085line',
  'unassigned\u0378',
  'private\ue000',
  '😀',
  'no\ufffdtutf-8',
];

/** What is special where nothing comes before it. */
const short = ['', '#', '~', '{', '}', '#a', '~a', '{a', '=', "'", '\n', ' '];

describe('a name on standard error', () => {
  it('is quoted wherever it stands, and so is a second one that it is a part of', () => {
    const [path, dest] = ['a b', 'a b c'];
    const error = new SluiceError('ERR_SLUICE_IO', `${path} could not be copied to ${dest}: ${path} failed`, {
      path,
      dest,
      remedy: 'Look.',
    });
    expect(quotedSentencesOf(error)).toBe("'a b' could not be copied to 'a b c': 'a b' failed. Look.");
  });

  it('is quoted as md5sum quotes it', async () => {
    // Only what is no option and leads nowhere is asked for.
    const asked = [...names.map((name) => `no/${name}`), ...short];
    const { stderr } = await run('env', ['LC_ALL=C.UTF-8', 'md5sum', '--', ...asked], { cwd: directory() });
    const theirs = stderr.trimEnd().split('\n');
    expect(theirs).toHaveLength(asked.length);
    for (const [i, name] of asked.entries()) {
      // Old versions begin with a pair of quotes around nothing where an apostrophe comes before an escape at the end.
      const text = theirs[i]?.replace(/^md5sum: (?:'''(?=no))?/, (begin) => (begin.length > 8 ? "'" : ''));
      expect(text, JSON.stringify(name)).toBe(`${quoteName(name)}: No such file or directory`);
    }
  });

  it('is what a shell takes for the name', async () => {
    const given = [...names, ...short];
    const script = `printf '%s\\0' ${given.map(quoteName).join(' ')}`;
    expect((await run('bash', ['-c', script])).stdout.split('\0').slice(0, -1)).toEqual(given);
  });
});
