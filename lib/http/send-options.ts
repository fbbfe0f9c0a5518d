import { bad, oneOf, rejectUnknown } from '../checksum/options.js';
import { checkProfiles } from '../xattr/options.js';
import type { Profile } from '../xattr/profiles/table.js';
import type { AdlerForm } from './fields/family.js';
import { type DigestFieldName, digestFieldNames } from './fields/produce.js';
import { checkIdleTimeout } from './idle-timeout.js';
import { OnDemandChecksums } from './on-demand.js';

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
   * Breaks off with ERR_SLUICE_TIMEOUT when the client has not taken the next 64 KiB within so many milliseconds.
   * Default: 120000.
   */
  idleTimeout?: number;
}

export type SendSettings = Readonly<Required<SendOptions>>;

const known: ReadonlySet<string> = new Set([
  'fields',
  'adler',
  'profiles',
  'verify',
  'onDemand',
  'idleTimeout',
] satisfies (keyof SendOptions)[]);
const shared = new OnDemandChecksums();

export function checkSendOptions(options: SendOptions): SendSettings {
  rejectUnknown(options, known);
  const { fields = [], onDemand = shared } = options;
  if (!Array.isArray(fields)) throw bad('The option fields is a list of names');
  if (onDemand !== false && !(onDemand instanceof OnDemandChecksums))
    throw bad('The option onDemand is an OnDemandChecksums, or false');
  return {
    fields: fields.map((name) => oneOf('fields', name, digestFieldNames)),
    adler: oneOf('adler', options.adler ?? 'bytes', ['bytes', 'text']),
    profiles: checkProfiles(options.profiles ?? ['sluice']),
    verify: oneOf('verify', options.verify ?? 'never', ['never', 'onread']),
    onDemand,
    idleTimeout: checkIdleTimeout(options.idleTimeout),
  };
}
