/** The observe tap sees what other processes write: its programs by whichever hooks this kernel has. */

import { SluiceError } from '../../errors/errors.js';
import { pageAddress } from '../page-address.js';
import {
  type HookKind,
  hookKinds,
  type ObservedFileSystem,
  ObservePrograms,
  type ObserveProgramsOptions,
  observedFileSystems,
} from './observe-programs.js';
import type { Finding, Tap } from './tap.js';

/** Whether what is written to a file system can be seen by hooks of a kind. */
export interface ObserveWay extends Finding {
  fileSystem: ObservedFileSystem;
  hooks: HookKind;
}

/** The tap is available where one of the ways is. */
export interface ObserveFinding extends Finding {
  ways: ObserveWay[];
}

export interface AttachOptions extends Omit<ObserveProgramsOptions, 'hooks'> {
  /** No other kind will do; by default the first that works. */
  hooks?: HookKind | undefined;
}

/** What no other kind of hooks would mend. */
const final: ReadonlySet<string> = new Set([
  'ERR_SLUICE_LIMIT',
  'ERR_SLUICE_NO_CAPABILITY',
  'ERR_SLUICE_NO_BINARY',
]);

function attachBy(hooks: HookKind, options: ObserveProgramsOptions): ObservePrograms {
  const untraced = options.fileSystems.find((name) => name !== 'ext4');
  if (hooks === 'raw_tp' && untraced)
    throw new SluiceError('ERR_SLUICE_KERNEL_ENGINE', `${untraced} has no tracepoints where a write ends`, {
      remedy: 'Use fentry or kprobe, or let the kind be chosen.',
    });
  return new ObservePrograms(options);
}

/**
 * Loads and attaches the programs, by the first kind of hooks of which this kernel has all that it takes.
 *
 * @throws {SluiceError} ERR_SLUICE_KERNEL_ENGINE with what became of each kind, and whatever else a program is refused with
 */
export function attachObserve({ hooks: only, ...options }: AttachOptions): ObservePrograms {
  pageAddress(); // without it none of them can do anything
  const refusals: string[] = [];
  for (const hooks of only ? [only] : hookKinds) {
    try {
      return attachBy(hooks, { ...options, hooks });
    } catch (error) {
      if (!(error instanceof SluiceError) || final.has(error.code)) throw error;
      refusals.push(`${hooks}: ${error.reason}`);
    }
  }
  throw new SluiceError(
    'ERR_SLUICE_KERNEL_ENGINE',
    `What is written to ${options.fileSystems.join(', ')} can't be seen on this kernel (${refusals.join('; ')})`,
    { remedy: 'Let the method and the hooks be chosen, or use the method reread, which needs no program.' },
  );
}

function attempt(fileSystems: readonly ObservedFileSystem[], hooks: HookKind): Finding {
  try {
    attachBy(hooks, { hooks, fileSystems, method: 'follow', algorithms: ['adler32'] }).close();
    return { available: true, reason: 'attaches' };
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code === 'ERR_SLUICE_LIMIT') throw error;
    const { code, reason, remedy } = error;
    const mends = code === 'ERR_SLUICE_NO_CAPABILITY';
    return { available: false, reason, ...(mends && { remedy }) };
  }
}

/** Loading takes long: each file system is tried by itself only where they can't be seen together. */
function waysBy(hooks: HookKind): ObserveWay[] {
  const together = attempt(observedFileSystems, hooks);
  return observedFileSystems.map((fileSystem) => ({
    fileSystem,
    hooks,
    ...(together.available ? together : attempt([fileSystem], hooks)),
  }));
}

function find(): ObserveFinding {
  const kinds = hookKinds.map(waysBy);
  const ways = observedFileSystems.flatMap((_, i) => kinds.map((found) => found[i] as ObserveWay));
  const first = ways.find(({ available }) => available);
  if (first) return { available: true, reason: `${first.fileSystem} by ${first.hooks}`, ways };
  return {
    available: false,
    reason: (ways[0] as ObserveWay).reason,
    remedy: 'Observe with the method reread, which needs no program.',
    ways,
  };
}

export const observeTap: Tap = {
  name: 'observe',
  hooks: [
    { kind: 'raw_tracepoint', name: 'sys_enter' },
    { kind: 'raw_tracepoint', name: 'sys_exit' },
    { kind: 'raw_tracepoint', name: 'mm_filemap_get_pages' },
    { kind: 'raw_tracepoint', name: 'ext4_da_write_end' },
    { kind: 'fentry', name: 'filemap_get_pages' },
    { kind: 'fentry', name: 'filemap_read' },
    { kind: 'fentry', name: 'generic_perform_write' },
    { kind: 'fentry', name: 'iomap_write_end' },
    { kind: 'fentry', name: '__fput' },
    { kind: 'kprobe', name: 'filemap_get_pages' },
    { kind: 'kprobe', name: 'pipe_to_null' },
  ],
  find,
};
