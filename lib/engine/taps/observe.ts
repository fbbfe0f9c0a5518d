/** The observe tap sees what other processes write: its programs by whichever hooks this kernel has. */

import { SluiceError } from '../../errors/errors.js';
import { pageAddress } from '../page-address.js';
import {
  type HookKind,
  type ObservedFileSystem,
  ObservePrograms,
  type ObserveProgramsOptions,
} from './observe-programs.js';
import type { Finding, Tap } from './tap.js';

/** The cheapest first. Tracepoints tell what is written to an ext4 alone. */
function kindsFor(fileSystems: readonly ObservedFileSystem[]): HookKind[] {
  const traced = fileSystems.every((name) => name === 'ext4');
  return traced ? ['raw_tp', 'fentry', 'kprobe'] : ['fentry', 'kprobe'];
}

/** What no other kind of hooks would mend. */
const final: ReadonlySet<string> = new Set([
  'ERR_SLUICE_LIMIT',
  'ERR_SLUICE_NO_CAPABILITY',
  'ERR_SLUICE_NO_BINARY',
]);

/**
 * Loads and attaches the programs, by the first kind of hooks of which this kernel has all that it takes.
 *
 * @throws {SluiceError} ERR_SLUICE_KERNEL_ENGINE with what became of each kind, and whatever else a program is refused with
 */
export function attachObserve(options: Omit<ObserveProgramsOptions, 'hooks'>): ObservePrograms {
  pageAddress(); // without it none of them can do anything
  const refusals: string[] = [];
  for (const hooks of kindsFor(options.fileSystems)) {
    try {
      return new ObservePrograms({ ...options, hooks });
    } catch (error) {
      if (!(error instanceof SluiceError) || final.has(error.code)) throw error;
      refusals.push(`${hooks}: ${error.reason}`);
    }
  }
  throw new SluiceError(
    'ERR_SLUICE_KERNEL_ENGINE',
    `What is written to ${options.fileSystems.join(', ')} can't be seen on this kernel (${refusals.join('; ')})`,
  );
}

function find(): Finding {
  try {
    using programs = attachObserve({ fileSystems: ['ext4'], method: 'follow', algorithms: ['adler32'] });
    return { available: true, reason: `attached by ${programs.kind}` };
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code === 'ERR_SLUICE_LIMIT') throw error;
    return {
      available: false,
      reason: error.reason,
      remedy: 'Observe with the method reread, which needs no program.',
    };
  }
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
