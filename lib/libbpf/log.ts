/** What libbpf prints. */

import { SluiceError } from '../errors.js';
import { native } from '../native.js';

export type LogLevel = 'warn' | 'info' | 'debug';

const levels: readonly LogLevel[] = ['warn', 'info', 'debug'];

/**
 * Hears what libbpf prints in this thread, one call per message; nothing is printed anywhere otherwise. The messages of
 * a call arrive after it returned. A later call replaces the listener.
 *
 * @param level the least urgent messages to hear; `debug` shows every relocation, and the verifier's log of programs
 *   that loaded, if `verifierLog` was asked for
 */
export function onLog(
  listener: ((level: LogLevel, text: string) => void) | undefined,
  level: LogLevel = 'warn',
): void {
  const urgency = levels.indexOf(level);
  if (urgency < 0) {
    throw new SluiceError(
      'ERR_SLUICE_OPTION',
      `The level is one of ${levels.join(', ')}, not ${String(level)}`,
    );
  }
  native.onBpfLog(urgency, listener);
}
