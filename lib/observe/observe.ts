/** Gets the checksums of files that other programs write. */

import { algorithmMask, algorithms as allAlgorithms } from '../engine/algorithms.js';
import { Checksums } from '../engine/checksums.js';
import type { ObservePrograms } from '../engine/taps/observe-programs.js';
import { SluiceError } from '../errors/errors.js';
import { profiles as allProfiles, type Profile } from '../files/xattr/profiles/table.js';
import { attributeNames, attributesOf } from '../files/xattr/read.js';
import { refreshedAttributes } from '../files/xattr/refresh.js';
import { enableStatistics, type Statistics } from '../libbpf/statistics.js';
import {
  type NativeAnswer,
  type NativeObserver,
  type NativeObserveSettings,
  type NativeRefusal,
  type NativeReport,
  native,
} from '../native/index.js';
import { shippedProgram } from '../native/program.js';
import { type Attached, attach, descriptorsOf, mayDoWithout } from './attach.js';
import type { ObserveEvent } from './events.js';
import { Lookout } from './lookout.js';
import { missedBy } from './missed.js';
import {
  type CheckedObserveOptions,
  checkFolders,
  checkObserveOptions,
  type ObserveOptions,
} from './options.js';
import { EventQueue } from './queue.js';
import { fileFailure, startFailure, untestedFailure } from './refusal.js';
import { type ObserveStats, Tally } from './stats.js';
import { lackEvent, unrecorded, valueEvent } from './told.js';

/** It is iterated once. What is not iterated to its end is disposed of. */
export interface Observation extends AsyncIterable<ObserveEvent>, AsyncDisposable {
  readonly stats: ObserveStats;
  /** Why the method `auto` does without programs in the kernel, and reads every file again; undefined if it does not. */
  readonly refusal: SluiceError | undefined;
  /** Why no file could be made in a folder to see whether what happens there is told; undefined where one was. */
  readonly untested: SluiceError | undefined;
}

/** To follow a file of fewer bytes costs more than to read it. */
const SMALLEST = 256 << 10;

function settingsOf(
  roots: readonly string[],
  { algorithms, profiles, method, journal = '' }: CheckedObserveOptions,
  programs: ObservePrograms | undefined,
): NativeObserveSettings {
  const namesOf = (some: readonly Profile[]) => [
    ...new Set(some.flatMap((profile) => [...attributesOf(profile, algorithms).keys()])),
  ];
  return {
    programs: programs && descriptorsOf(programs),
    roots,
    journal,
    algorithms: algorithmMask(algorithms),
    smallest: method === 'auto' ? SMALLEST : 0,
    attributes: namesOf(profiles),
    read: attributeNames({ profiles: allProfiles, algorithms: allAlgorithms }),
    undated: namesOf(profiles.filter((profile) => profile !== 'sluice')),
    setter: shippedProgram('programs', 'attribute-setter') ?? '',
    shared: method === 'reread',
  };
}

type Offer = Extract<NativeReport, readonly ['offered', ...unknown[]]>;

const toWalk = (path: string) => ({ path: Buffer.from(path) });

class Observing implements Observation {
  readonly #folders: readonly string[];
  readonly #options: CheckedObserveOptions;
  readonly #events = new EventQueue(() => this[Symbol.asyncDispose]());
  readonly #observer: NativeObserver;
  readonly #lookout: Lookout;
  #attached: Attached = {};
  #statistics: Statistics | undefined;
  readonly #tally = new Tally();
  readonly #ended: Promise<void>;
  readonly untested: SluiceError | undefined;
  #last: ObserveStats | undefined;
  #resolve: () => void = () => {};

  constructor(folders: readonly string[], options: CheckedObserveOptions) {
    this.#folders = folders;
    this.#options = options;
    this.#ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#observer = this.#start(attach(folders, options));
    const { untested } = this.#observer;
    this.untested = untested && untestedFailure(untested);
    this.#lookout = new Lookout(this.#observer, options, (error) =>
      this.#events.push({ type: 'lost', what: 'unwalked', count: undefined, error }),
    );
    const missed = missedBy(this.#observer, options);
    if (missed) this.#lookout.lookFor(folders.map(toWalk), missed);
    this.#heed(options.signal);
  }

  #start(attached: Attached): NativeObserver {
    const { programs } = attached;
    this.#attached = attached;
    this.#statistics = programs && this.#options.cpuTime ? enableStatistics() : undefined;
    const settings = settingsOf(this.#folders, this.#options, programs);
    const started = native.observe(settings, (reports) => this.#take(reports));
    // What was tried is not counted.
    programs?.restartCounts();
    if (!('failure' in started)) return started;
    this.#detach();
    const refusal = startFailure(started);
    const isBlind = started.failure === 'unseen' && started.detail === 'write';
    if (isBlind && mayDoWithout(this.#options)) return this.#start({ refusal });
    throw refusal;
  }

  get stats(): ObserveStats {
    const { programs, refusal } = this.#attached;
    return (
      this.#last ?? {
        hooks: programs?.kind,
        refusal: refusal?.reason,
        tested: this.untested === undefined,
        ...this.#observer.counts(),
        ...this.#tally,
        programs: programs?.counts(),
      }
    );
  }

  get refusal(): SluiceError | undefined {
    return this.#attached.refusal;
  }

  [Symbol.asyncIterator](): AsyncIterator<ObserveEvent, void, undefined> {
    return this.#events;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#observer.stop();
    await Promise.all([this.#ended, this.#lookout.stop()]);
  }

  #heed(signal: AbortSignal | undefined): void {
    if (!signal) return;
    const abort = () => {
      const cause = signal.reason;
      this.#events.end(new SluiceError('ERR_SLUICE_ABORTED', 'The observation was ended', { cause }));
      this.#observer.stop();
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    this.#ended.then(() => signal.removeEventListener('abort', abort));
  }

  #take(reports: readonly NativeReport[]): void {
    const answers: NativeAnswer[] = [];
    for (const report of reports) {
      switch (report[0]) {
        case 'offered':
          answers.push([report[1], this.#changesOf(report)]);
          break;
        case 'value':
          this.#tell(valueEvent(report));
          break;
        case 'retracted':
        case 'unknown':
          this.#tell(lackEvent(report));
          break;
        case 'lost':
          this.#lookFor(report[1]);
          break;
        case 'folder':
          this.#lookout.newcomers(report[1], report[2]);
          break;
        case 'unrecorded':
          this.#events.push(unrecorded(report[1], this.#options.journal));
          break;
        case 'ended':
          this.#close(report[1]);
      }
    }
    if (answers.length > 0) this.#observer.answer(answers);
  }

  #tell(event: ObserveEvent): void {
    this.#tally.count(event);
    this.#events.push(event);
  }

  #changesOf([, , why, values, origin, , size, mtimeNs, kept]: Offer): NativeAnswer[1] {
    try {
      return refreshedAttributes(new Map(kept), new Checksums(values), {
        profiles: this.#options.profiles,
        origin: origin === 'reread' ? 'reread' : 'written',
        version: { size, mtimeNs },
        written: why === 'closed' || why === 'changed',
      });
    } catch (error) {
      // The owner of a file decides what is kept with it, and how long that is.
      if (error instanceof SluiceError && error.code === 'ERR_SLUICE_NO_SPACE') return error.attribute;
      throw error;
    }
  }

  #lookFor(sinceNs: bigint): void {
    this.#events.push({ type: 'lost', what: 'overflow', count: undefined, error: undefined });
    this.#lookout.changedSince(this.#folders.map(toWalk), sinceNs);
  }

  #close(failure: NativeRefusal): void {
    const failed = failure.failure !== 'aborted';
    this.#events.end(failed ? fileFailure(failure, 'The observation') : undefined);
    this.#last = this.stats;
    this.#detach();
    this.#resolve();
  }

  #detach(): void {
    this.#statistics?.close();
    this.#attached.programs?.close();
  }
}

/**
 * Tells the checksums of files in some folders, and below them, as other programs write them: soon after a file was closed,
 * or got its name. Nothing has to be changed in these programs. It begins with the call; what happens before that is
 * looked for only with a `journal` that an observation before has kept.
 *
 * Files are seen on the file systems that the folders are on, not on others that are mounted in them.
 *
 * @param paths of one folder, or several
 * @throws SluiceError ERR_SLUICE_OPTION and ERR_SLUICE_ALGORITHM for what can't be asked for; ERR_SLUICE_NO_CAPABILITY
 *   where the process lacks CAP_SYS_ADMIN or CAP_DAC_READ_SEARCH; ERR_SLUICE_UNSUPPORTED for a file system that can't be
 *   observed; ERR_SLUICE_NOT_FOUND and others for a folder that can't be opened; while it is iterated, ERR_SLUICE_ABORTED
 */
export function observe(paths: string | readonly string[], options: ObserveOptions = {}): Observation {
  return new Observing(checkFolders(paths), checkObserveOptions(options));
}
