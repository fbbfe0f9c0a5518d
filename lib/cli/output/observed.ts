/** What an observation tells, in words and as JSON. */

import type { ObserveEvent, ObserveStats, UnknownEvent } from '../../observe/index.js';
import { sentencesOf } from './advice.js';
import { quoteName } from './quote.js';
import { harmless } from './terminal.js';

function toJson(event: ObserveEvent): object {
  if (event.type !== 'unknown' || event.error === undefined) return event;
  const { code, message } = event.error;
  return { ...event, error: { code, message } };
}

/** The event as an object, on a line. JSON lets some characters through that a terminal obeys. */
export function observedJson(event: ObserveEvent): string {
  const text = JSON.stringify(toJson(event));
  const codeOf = (character: string) => character.charCodeAt(0).toString(16).padStart(4, '0');
  return `${text.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => `\\u${codeOf(character)}`)}\n`;
}

function whyUnknown({ reason, error }: UnknownEvent): string {
  if (error) return harmless(sentencesOf(error));
  return reason === 'linked'
    ? 'it is not of the owner of its folder, and has other names besides'
    : 'another value is kept for just this version of it, or it was found rotten';
}

/** The event's line. Whoever may make files chooses their names: none steers the terminal. */
export function observedLine(event: ObserveEvent): string {
  if (event.type === 'lost') {
    return event.what === 'overflow'
      ? 'lost: the kernel dropped events; what may have changed is looked for\n'
      : `lost: ${event.count} lines were left out, because they were not read fast enough\n`;
  }
  const name = quoteName(event.file);
  if (event.type === 'retracted')
    return `${name}: retracted: ${event.reason === 'open' ? 'somebody has it open for writing' : 'it changed'}\n`;
  if (event.type === 'unknown') return `${name}: unknown: ${whyUnknown(event)}\n`;
  const { checksums, bytes, origin } = event;
  const values = checksums.keys().map((algorithm) => `${algorithm} ${checksums.hex(algorithm)}`);
  return `${name}: ${values.join(', ')}; ${bytes} bytes, ${origin}\n`;
}

export function statsLine(stats: ObserveStats): string {
  const { events, inside, lost, values, followed, retracted, unknown, busy, changed, waiting } = stats;
  const { bytesFollowed, bytesRead, cpuNs } = stats;
  const told = `${events} events, ${inside} in the folders, ${lost} times lost`;
  const files = `${values} values, ${followed} of them followed; ${retracted} retracted, ${unknown} unknown, ${busy} open, ${changed} changed, ${waiting} waiting`;
  const cost = `${bytesFollowed} bytes followed, ${bytesRead} read again, ${(cpuNs / 1e9).toFixed(3)} s of CPU time`;
  return `${told}; ${files}; ${cost}\n`;
}
