import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { folderIn, temporaryFolder } from '../helpers/files.js';
import { Random } from '../helpers/random.js';
import { adlerOf, keptAdler, linesOf, spawnObserve, start } from './observing.js';

const base = temporaryFolder();
const folder = () => folderIn(base);

/** Changes the files of a tree as a storage node's users do, at random. Some keep a file open for long. */
class Writers {
  readonly random: Random;
  readonly root: string;
  readonly outside: string;
  readonly #open: number[] = [];
  #made = 0;

  constructor(random: Random, root: string, outside: string) {
    this.random = random;
    this.root = root;
    this.outside = outside;
  }

  files(folder = this.root): string[] {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? this.files(join(folder, entry.name)) : [join(folder, entry.name)],
    );
  }

  #new(name: string, folder = this.random.of(this.#folders())): string {
    return join(folder, `${name}-${this.#made++}`);
  }

  #folders(): string[] {
    const below = readdirSync(this.root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [this.root, ...below.map(({ name }) => join(this.root, name))];
  }

  #content(): Buffer {
    const { random } = this;
    return Buffer.alloc(
      random.of([1, 100, 5000, 300_000, 3_000_000]) + random.below(1000),
      random.below(256),
    );
  }

  step(): void {
    const { random, root, outside } = this;
    const file = random.of([...this.files(), this.#new('first')]);
    const ways = [
      () => writeFileSync(this.#new('file'), this.#content()),
      () => writeFileSync(file, this.#content()),
      () => writeFileSync(file, this.#content(), { flag: 'a' }),
      () => existsSync(file) && renameSync(file, this.#new('renamed')),
      () => {
        const held = openSync(file, existsSync(file) ? 'r+' : 'w');
        writeSync(held, this.#content());
        this.#open.push(held);
      },
      () => {
        const moved = this.#new('folder', outside);
        mkdirSync(moved);
        writeFileSync(join(moved, 'within'), this.#content());
        renameSync(moved, this.#new('moved-in', root));
      },
      () => {
        const [, moved] = this.#folders();
        if (moved !== undefined) renameSync(moved, this.#new('moved', root));
      },
      () => this.#open.splice(0, random.below(3)).forEach(closeSync),
    ];
    random.of(ways)();
  }

  closeAll(): void {
    this.#open.splice(0).forEach(closeSync);
  }
}

it.each([
  ['reread', 1],
  ['follow', 2],
  ['hook', 3],
] as const)('with the method %s, kills at random moments lose no file (seed %d)', async (method, seed) => {
  const random = new Random(seed);
  const root = folder();
  const outside = folder();
  const journal = join(outside, 'journal');
  const writers = new Writers(random, root, outside);
  const args = ['--method', method, '--profile', 'storm', '--journal', journal, '--json', root];
  // Those of before are not looked for, so there are none.
  const first = await start(...args);
  let child: ReturnType<typeof spawnObserve> = first.child;
  for (let kills = 0; kills < 6; kills++) {
    child.stdout.resume();
    const until = performance.now() + random.below(kills % 2 === 0 ? 300 : 1500);
    while (performance.now() < until) {
      writers.step();
      await pause(random.below(20));
    }
    child.kill('SIGKILL');
    await once(child, 'close');
    for (let n = 0; n < 10; n++) writers.step();
    child = spawnObserve([], ...args);
  }
  child.stdout.resume();
  writers.closeAll();
  for (const file of writers.files()) {
    await expect
      .poll(() => keptAdler(file), { message: `${file} of ${statSync(file).size}` })
      .toBe(adlerOf(file));
  }
});

it('without a profile, what was closed while nobody observed is told at the next start', async () => {
  const [root, outside] = [folder(), folder()];
  const args = ['--method', 'reread', '--journal', join(outside, 'journal'), '--json', root];
  const { child, ended } = await start(...args);
  const lines = linesOf(child.stdout);
  writeFileSync(join(root, 'before'), 'before');
  await lines.next();
  const held = openSync(join(root, 'held'), 'w');
  writeSync(held, 'held');
  child.kill('SIGKILL');
  await ended;
  closeSync(held);
  writeFileSync(join(root, 'between'), 'nobody saw it');
  const again = linesOf((await start(...args)).child.stdout);
  const told = new Set<string>();
  while (!['held', 'between'].every((name) => told.has(join(root, name)))) {
    const event = JSON.parse((await again.next()).value);
    expect(event).toMatchObject({ type: 'value', why: 'found' });
    told.add(event.file);
  }
});
