import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { observedJson, observedLine } from '../../lib/cli/output/observed.js';
import { getAttribute } from '../../lib/files/xattr/attributes.js';
import { temporaryFolder } from '../helpers/files.js';
import { Random } from '../helpers/random.js';
import { Observed } from './observing.js';

const base = temporaryFolder();

/** A name of bytes that no file system refuses, and a terminal may obey. */
function nameOf(random: Random): Buffer {
  const kinds: (() => number)[] = [
    () => random.of([0x1b, 0x0a, 0x0d, 0x07, 0x08, 0x9b, 0x7f]),
    () => random.of(Buffer.from('\\\'"$`;&|<>*?[]{}()#~! %-')),
    () => 0x80 + random.below(0x80),
    () => random.of(Buffer.from('abcxyz.')),
  ];
  const bytes = Array.from({ length: 1 + random.below(40) }, () => random.of(kinds)());
  return Buffer.from(['x'.charCodeAt(0), ...bytes]);
}

const control = /[\p{Cc}\u2028\u2029]/u;

it.each([1, 2, 3])(
  'names of any bytes, in folders of such names, have values and steer nothing (seed %i)',
  async (seed) => {
    const random = new Random(seed);
    const root = Buffer.from(join(base, `names-${seed}`));
    mkdirSync(root);
    const observed = new Observed(root.toString(), { profiles: ['storm'] });
    const slash = Buffer.from('/');
    const paths: Buffer[] = [];
    for (let n = 0; n < 40; n++) {
      const folder = Buffer.concat([root, slash, nameOf(random), Buffer.from(String(n))]);
      mkdirSync(folder);
      const path = Buffer.concat([folder, slash, nameOf(random)]);
      writeFileSync(path, String(n));
      paths.push(path);
    }
    for (const path of paths) {
      const file = path.toString();
      const event = await observed.value(file);
      for (const line of [observedLine(event), observedJson(event)]) {
        expect(line.endsWith('\n')).toBe(true);
        expect(line.slice(0, -1)).not.toMatch(control);
      }
      expect(JSON.parse(observedJson(event))).toMatchObject({ file });
    }
  },
);

it('the longest names, in the deepest folders that a path leads to, have values', async () => {
  const root = join(base, 'long');
  mkdirSync(root);
  const observed = new Observed(root, { profiles: ['storm'] });
  let path = root;
  while (Buffer.byteLength(path) < 4095 - 2 * 256) path = join(path, 'x'.repeat(255));
  mkdirSync(path, { recursive: true });
  path = join(path, 'ü'.repeat(127));
  writeFileSync(path, 'deep');
  await observed.value(path);
  expect(await getAttribute(path, 'user.storm.checksum.adler32')).toHaveLength(8);
});

/** Makes folders deeper than a path leads to; moves a folder there, and writes a file. */
const deeper = `
  my ($root, $moved) = @ARGV;
  chdir $root;
  for (1 .. 25) { mkdir "d" x 200; chdir "d" x 200 or die $! }
  open my $file, ">", "written"; print $file "written"; close $file;
  rename $moved, "inside" or die $!;
`;

it('files that no path leads to have values, and not the path of another file', async () => {
  const [root, moved] = [join(base, 'deeper'), join(base, 'moved')];
  for (const folder of [root, moved]) mkdirSync(folder);
  onTestFinished(() => void execFileSync('rm', ['-r', root]));
  writeFileSync(join(moved, 'file'), 'moved');
  const observed = new Observed(root, { method: 'reread' });
  execFileSync('perl', ['-e', deeper, root, moved]);
  expect(await observed.value('(unreachable)/written')).toMatchObject({ bytes: 7 });
  expect(await observed.value('(unreachable)/file')).toMatchObject({ why: 'found', bytes: 5 });
});
