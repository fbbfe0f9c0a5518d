import { bad, checkEngine, flag, oneOf, rejectUnknown, someOf } from '../../checksum/options.js';
import type { EngineChoice } from '../../engine/backends.js';
import { checkProfiles } from '../../files/xattr/options.js';
import type { Profile } from '../../files/xattr/profiles/table.js';
import { idleTimeoutOf } from '../connection/idle-timeout.js';
import { OnDemandChecksums } from '../digests/on-demand.js';
import type { AdlerForm } from '../fields/family.js';
import { type DigestFieldName, digestFieldNames } from '../fields/produce.js';

export interface SendOptions {
  /** Fields that state the stored values whether or not the request wants them. Default: none. */
  fields?: readonly DigestFieldName[];
  /** How Adler-32 is written in RFC 9530's fields. Default: `bytes`. */
  adler?: AdlerForm;
  /** Whose stored values are believed while they are fresh, the first one most. Default: `['sluice']`. */
  profiles?: readonly Profile[];
  /**
   * - `onread` sums a whole file while it is sent, and breaks off before the last piece if the sum is not what is
   *   stored: the file is marked then, and nothing of it is sent any more. What has no fresh value, and a part of a file, is
   *   sent unverified: `SendResult.verified` says which;
   * - `never` (default).
   */
  verify?: 'never' | 'onread';
  /** Computes what the request wants and nobody has stored. `false`: that is left out. Default: one for all files. */
  onDemand?: OnDemandChecksums | false;
  /**
   * Which engine computes those. Default: `auto`. With `kernel`, where that can't be had, they are left out. What is summed
   * on its way through Node is summed in user space.
   */
  engine?: EngineChoice;
  /**
   * Breaks off with ERR_SLUICE_TIMEOUT when the client has not taken the next 64 KiB within so many milliseconds.
   * Default: 120000.
   */
  idleTimeout?: number;
  /**
   * Refuse as S3 does, where an answer of its own is sent: 412 and 416 have its XML. What S3 knows besides whole objects is
   * refused. Default: false.
   */
  s3?: boolean;
}

export type SendSettings = Readonly<Required<SendOptions>>;

const known: ReadonlySet<string> = new Set([
  'fields',
  'adler',
  'profiles',
  'verify',
  'onDemand',
  'engine',
  'idleTimeout',
  's3',
] satisfies (keyof SendOptions)[]);
const shared = new OnDemandChecksums();

export function checkSendOptions(options: SendOptions): SendSettings {
  rejectUnknown(options, known);
  const { fields = [], adler = 'bytes', profiles = ['sluice'], verify = 'never', s3 = false } = options;
  const { onDemand = shared, engine } = options;
  if (onDemand !== false && !(onDemand instanceof OnDemandChecksums))
    throw bad('The option onDemand is an OnDemandChecksums, or false');
  return {
    fields: someOf('fields', fields, digestFieldNames),
    adler: oneOf('adler', adler, ['bytes', 'text']),
    profiles: checkProfiles(profiles),
    verify: oneOf('verify', verify, ['never', 'onread']),
    onDemand,
    engine: checkEngine(engine),
    idleTimeout: idleTimeoutOf(options),
    s3: flag('s3', s3),
  };
}
