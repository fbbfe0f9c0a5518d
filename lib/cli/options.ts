/** Options that several commands have. */

import { InvalidArgumentError, Option } from 'commander';
import { checkThreads } from '../checksum/options.js';
import { type AlgorithmName, algorithms, type SluiceError } from '../index.js';

function parseAlgorithms(text: string, previous: AlgorithmName[] = []): AlgorithmName[] {
  const names = text.split(',');
  const unknown = names.find((name) => !(algorithms as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `There is no algorithm '${unknown}': choose from ${algorithms.join(', ')}.`,
    );
  }
  return [...new Set([...previous, ...(names as AlgorithmName[])])];
}

/** `byDefault` says what is taken where none is named. */
export function algorithmOption(byDefault?: string): Option {
  const note = byDefault === undefined ? '' : ` (default: ${byDefault})`;
  return new Option(
    '-a, --algorithm <NAMES>',
    `comma-separated, of ${algorithms.join(', ')}${note}`,
  ).argParser(parseAlgorithms);
}

/** `what` it does in this command. */
export function engineOption(what: string): Option {
  return new Option('--engine <ENGINE>', what).choices(['auto', 'kernel', 'userspace']).default('auto');
}

export function parseThreads(text: string): number {
  try {
    return checkThreads(/^\d+$/.test(text) ? Number(text) : text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as SluiceError).message.split('. ')[0]}.`);
  }
}
