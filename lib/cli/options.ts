/** Options that several commands have. */

import { InvalidArgumentError, Option } from 'commander';
import { checkThreads } from '../checksum/options.js';
import { type AlgorithmName, algorithms } from '../engine/algorithms.js';
import { engineChoices } from '../engine/backends.js';
import type { SluiceError } from '../errors/errors.js';

/** Parses names from a set, separated by commas. Where the option is repeated they are added up. */
export function listOf<T extends string>(
  what: string,
  names: readonly T[],
): (text: string, previous?: readonly T[]) => T[] {
  return (text, previous = []) => {
    const given = text.split(',');
    const unknown = given.find((name) => !names.includes(name as T));
    if (unknown !== undefined)
      throw new InvalidArgumentError(`There is no ${what} '${unknown}': choose from ${names.join(', ')}.`);
    return [...new Set([...previous, ...(given as T[])])];
  };
}

/** `byDefault` says what is taken where none is named. */
export function algorithmOption(byDefault?: string): Option {
  const parse = listOf('algorithm', algorithms);
  const note = byDefault === undefined ? '' : ` (default: ${byDefault})`;
  return new Option(
    '-a, --algorithm <NAMES>',
    `comma-separated, of ${algorithms.join(', ')}${note}`,
  ).argParser((text: string, previous?: readonly AlgorithmName[]) => parse(text.toLowerCase(), previous));
}

/** `what` it does in this command. */
export function engineOption(what: string): Option {
  return new Option('--engine <ENGINE>', what).choices(engineChoices).default('auto');
}

export function parseThreads(text: string): number {
  try {
    return checkThreads(/^\d+$/.test(text) ? Number(text) : text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as SluiceError).reason}.`);
  }
}
