import {
  bad,
  checkAlgorithms,
  checkEngine,
  checkFunction,
  checkSignal,
  flag,
  oneOf,
  rejectUnknown,
} from '../../checksum/options.js';
import type { AlgorithmName } from '../../engine/algorithms.js';
import type { EngineChoice } from '../../engine/backends.js';
import { checkReplace, type Replaceable } from '../../files/staging/file-identity.js';
import type { Profile } from '../../files/xattr/index.js';
import { checkPlaces } from '../../files/xattr/store.js';
import { shown } from '../../shown.js';
import { idleTimeoutOf } from '../connection/idle-timeout.js';
import type { AdlerForm } from '../fields/family.js';
import { checkStatingOptions, type DigestFieldName } from '../fields/produce.js';

export interface ReceiveOptions {
  /** Computed, and stored. What the client states is computed besides. Default: `['adler32']`. */
  algorithms?: readonly AlgorithmName[];
  /** How the checksums are kept with the file. Default: `['sluice']`; an empty list: not at all. */
  profiles?: readonly Profile[];
  /** A file that is replaced leaves mode, owner, access list and `user.*` attributes to the new one. Default: true. */
  keep?: boolean;
  /**
   * What may have the name, besides what the request's own conditions demand: `any` file (default), `nothing`, or only
   * the file in the state that the caller has looked at, for conditions that are not HTTP's own. Else
   * ERR_SLUICE_PRECONDITION; it holds at the very moment of publishing.
   */
  replace?: Replaceable;
  /** Permissions of a new file, before the umask. Default: 0o666. */
  mode?: number;
  /** Answer only for what would outlive a power failure. Default: false. */
  sync?: boolean;
  /**
   * How the body comes to the disk.
   *
   * - `auto` (default): by the relay if the body is large, else as a stream;
   * - `stream`: through Node;
   * - `relay`: from the socket, past Node, whenever that is possible: not for TLS, chunked bodies, and hashes.
   */
  transport?: 'auto' | 'stream' | 'relay';
  /**
   * Ends the upload with ERR_SLUICE_TIMEOUT (408) when no byte of the body has come for so many milliseconds.
   * Default: 120000.
   */
  idleTimeout?: number;
  /** Which engine measures what the relay moves. Default: `auto`. */
  engine?: EngineChoice;
  /**
   * Called once it is certain that the body is wanted, and before it is read: `() => response.writeContinue()` for a
   * request that came by the server's event `checkContinue`.
   */
  proceed?: () => void;
  /**
   * The fields that state the checksums. Default: `Digest`, `Repr-Digest`, and those in which the client stated one.
   * `Content-Digest` and `Content-MD5`, which would be about the content of the answer, are left out.
   */
  fields?: readonly DigestFieldName[];
  /** How Adler-32 is written in `Repr-Digest`. Default: `bytes`. */
  adler?: AdlerForm;
  /** Abandons the upload with ERR_SLUICE_ABORTED. */
  signal?: AbortSignal;
  /**
   * Answer as S3 does: with 200, and with `x-amz-checksum-…` besides. What the client stated, and the kernel could compute,
   * is stored too: S3 states it to who reads the object. Default: false.
   */
  s3?: boolean;
}

const known: ReadonlySet<string> = new Set([
  'algorithms',
  'profiles',
  'keep',
  'replace',
  'mode',
  'sync',
  'transport',
  'idleTimeout',
  'engine',
  'proceed',
  'fields',
  'adler',
  'signal',
  's3',
] satisfies (keyof ReceiveOptions)[]);

export type CheckedReceiveOptions = ReceiveOptions &
  Required<
    Pick<
      ReceiveOptions,
      'algorithms' | 'profiles' | 'keep' | 'sync' | 'transport' | 'idleTimeout' | 'engine' | 's3'
    >
  >;

export function checkReceiveOptions(options: ReceiveOptions): CheckedReceiveOptions {
  rejectUnknown(options, known);
  const { mode, proceed, signal, profiles = ['sluice'], keep = true, sync = false, s3 = false } = options;
  const { transport = 'auto', engine } = options;
  if (mode !== undefined && (!Number.isInteger(mode) || mode < 0 || mode > 0o7777))
    throw bad(`The option mode is a number up to 0o7777, not ${shown(mode)}`);
  checkFunction('proceed', proceed);
  checkSignal(signal);
  checkStatingOptions(options);
  if (!Array.isArray(profiles)) throw bad(`The option profiles is a list, not ${shown(profiles)}`);
  const { replace = 'any' } = options;
  checkReplace(replace);
  const algorithms = checkAlgorithms(options.algorithms);
  if (profiles.length > 0) checkPlaces(profiles, algorithms);
  return {
    ...options,
    algorithms,
    profiles,
    keep: flag('keep', keep),
    sync: flag('sync', sync),
    s3: flag('s3', s3),
    idleTimeout: idleTimeoutOf(options),
    transport: oneOf('transport', transport, ['auto', 'stream', 'relay']),
    engine: checkEngine(engine),
  };
}
