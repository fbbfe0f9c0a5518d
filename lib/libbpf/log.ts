/** What libbpf prints. */

import { native } from '../native/index.js';
import { bad, oneOf, shown } from './arguments.js';

export type LogLevel = 'warn' | 'info' | 'debug';

const levels: readonly LogLevel[] = ['warn', 'info', 'debug'];

/** Called with each message. */
export type LogListener = (level: LogLevel, text: string) => void;

/** Its exception would go to the addon, in the middle of what is to be delivered. */
function guarded(listener: LogListener): LogListener {
  return (level, text) => {
    try {
      listener(level, text);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}

/**
 * Hears what libbpf prints in this thread, one call per message; nothing is printed anywhere otherwise. The messages of
 * a call arrive after it returned. A later call replaces the listener. What a listener throws is an uncaught exception,
 * and the next message comes nevertheless.
 *
 * @param level the least urgent messages to hear; `debug` shows every relocation, and the verifier's log of programs
 *   that loaded, if `verifierLog` was asked for
 */
export function onLog(listener: LogListener | undefined, level: LogLevel = 'warn'): void {
  if (listener !== undefined && typeof listener !== 'function') {
    throw bad(`The listener is a function, not ${shown(listener)}`);
  }
  native.onBpfLog(levels.indexOf(oneOf('The level', level, levels)), listener && guarded(listener));
}
