/** By what a file is known, and told from another one, or from itself once somebody has written to it. */

import { bad } from '../../checksum/options.js';
import type { NativeIdentity } from '../../native/index.js';
import { shown } from '../../shown.js';

/** Which file, and in what state: size in bytes, mtime in ns since 1970. What stat() with `bigint: true` gives is one. */
export interface FileIdentity {
  dev: bigint;
  ino: bigint;
  size: bigint;
  mtimeNs: bigint;
}

/** What may have a name that is taken: `any` file, which is replaced; `nothing`; or only this file in this state. */
export type Replaceable = 'any' | 'nothing' | FileIdentity;

export function toIdentity([dev, ino, size, mtimeNs]: NativeIdentity): FileIdentity {
  return { dev, ino, size, mtimeNs };
}

/** @param option the name of the option that it is the value of */
export function fromIdentity(option: string, file: FileIdentity): NativeIdentity {
  const parts = [file?.dev, file?.ino, file?.size, file?.mtimeNs] as const;
  if (parts.some((each) => typeof each !== 'bigint'))
    throw bad(
      `The option ${option} is a file by its dev, ino, size and mtimeNs, as stat() with bigint: true gives them`,
    );
  return parts;
}

export function isSameState(a: FileIdentity, b: FileIdentity): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;
}

export function checkReplace(replace: Replaceable): void {
  if (typeof replace === 'object' && replace !== null) fromIdentity('replace', replace);
  else if (replace !== 'any' && replace !== 'nothing')
    throw bad(`The option replace is any, nothing or a file's identity, not ${shown(replace)}`);
}
