import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { expect, onTestFinished } from 'vitest';
import { getAttribute } from '../../lib/files/xattr/attributes.js';
import { type ObserveEvent, type ObserveOptions, observe, type ValueEvent } from '../../lib/observe/index.js';
import { binary } from '../cli/run.js';
import { reference } from '../helpers/reference.js';

/** Observes until the test ends, and keeps what was told. */
export class Observed {
  readonly events: ObserveEvent[] = [];
  readonly observation: ReturnType<typeof observe>;
  #wake: () => void = () => {};

  constructor(folders: string | string[], options: ObserveOptions = { method: 'reread' }) {
    this.observation = observe(folders, options);
    const ended = this.#read();
    onTestFinished(async () => {
      await this.observation[Symbol.asyncDispose]();
      await ended;
    });
  }

  async #read(): Promise<void> {
    for await (const event of this.observation) {
      this.events.push(event);
      this.#wake();
    }
  }

  /** The first event, from the `after`th on, that is as it should be. */
  async first<T extends ObserveEvent = ObserveEvent>(
    is: (event: ObserveEvent) => boolean,
    after = 0,
  ): Promise<T> {
    for (let next = after; ; next++) {
      while (next >= this.events.length) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      const event = this.events[next] as ObserveEvent;
      if (is(event)) return event as T;
    }
  }

  value(file: string, after = 0): Promise<ValueEvent> {
    return this.first((event) => event.type === 'value' && event.file === file, after);
  }

  /** Every event about a file that happened until now has been told when another file's has. */
  async settled(probe: (path: string) => void, path: string): Promise<void> {
    probe(path);
    await this.value(path);
  }
}

/** Keeps this thread, which composes attributes, from doing so until something is so. */
export function holdUntil(is: () => boolean): void {
  const begin = performance.now();
  while (!is()) {
    if (performance.now() - begin > 60_000) throw new Error(`It did not become so: ${is}`);
  }
}

/** Gives files a size by truncate(2), after which none is closed: Node would open them. */
export function truncateByName(size: number, ...paths: string[]): void {
  execFileSync('xargs', ['-0', 'perl', '-e', 'truncate $_, $ENV{SIZE} or die "$_: $!" for @ARGV'], {
    input: paths.join('\0'),
    env: { ...process.env, SIZE: String(size) },
  });
}

/** What the storm profile keeps with a file, as it should be for what it holds now. */
export function adlerOf(path: string): string {
  return reference('adler32', readFileSync(path)).toString(16).padStart(8, '0');
}

/** What it does keep. */
export async function keptAdler(path: string): Promise<string | undefined> {
  return (await getAttribute(path, 'user.storm.checksum.adler32'))?.toString();
}

/** Whether a process has marked a file system. */
function hasMark(pid: number): boolean {
  return readdirSync(`/proc/${pid}/fdinfo`).some((fd) => {
    try {
      return readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8').includes('fanotify sdev');
    } catch {
      return false; // closed by now
    }
  });
}

/** The command as it runs. */
export interface Started {
  child: ChildProcessWithoutNullStreams;
  ended: Promise<unknown[]>;
  /** What it has said on standard error by now. */
  complaints(): string;
}

/** Starts `sluice observe` by way of another command. */
export function spawnObserve(under: readonly string[], ...args: string[]): ChildProcessWithoutNullStreams {
  const [command = '', ...rest] = [...under, process.execPath, binary, 'observe', ...args];
  const child = spawn(command, rest, { stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Starts it, and waits until it observes. */
export async function startUnder(under: readonly string[], ...args: string[]): Promise<Started> {
  const child = spawnObserve(under, ...args);
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const ended = once(child, 'close');
  await expect.poll(() => hasMark(child.pid as number)).toBe(true);
  return { child, ended, complaints: () => complaints };
}

export const start = (...args: string[]): Promise<Started> => startUnder([], ...args);

export const linesOf = (stream: NodeJS.ReadableStream): AsyncIterator<string> =>
  createInterface(stream)[Symbol.asyncIterator]();

/** The next line about a file. Others on the file system may carry what an observer goes after. */
export async function lineOf(lines: AsyncIterator<string>, file: string): Promise<string> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error(`There was no line of ${file}`);
    if (value.includes(file)) return value;
  }
}

export const eventOf = async (lines: AsyncIterator<string>, file: string): Promise<unknown> =>
  JSON.parse(await lineOf(lines, file));

/** Stops a process, all threads of it. */
export async function stopped(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  const threads = () =>
    readdirSync(`/proc/${pid}/task`).map((task) => readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8'));
  await expect.poll(() => threads().every((status) => /^State:\sT/m.test(status))).toBe(true);
}
