/** What an observation tells, in words and as JSON. */

import type { ObserveEvent, ObserveStats, UnknownEvent } from '../../observe/index.js';
import { sentencesOf } from './advice.js';
import { quoteName } from './quote.js';
import { harmless } from './terminal.js';

function toJson(event: ObserveEvent): object {
  if (!('error' in event) || event.error === undefined) return event;
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

/** The event's line. Any user who may make files chooses their names: none steers the terminal. */
export function observedLine(event: ObserveEvent): string {
  if (event.type === 'lost') {
    if (event.what === 'unwalked' && event.error)
      return `lost: a folder, or a file in it, was not looked at: ${harmless(sentencesOf(event.error))}\n`;
    if (event.error)
      return `lost: the journal can't be written, and a kill now would lose what is under way: ${harmless(sentencesOf(event.error))}\n`;
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

/** How often, by the reasons that there were: `2 rereads (1 gaps, 1 small)`. */
function byReason(what: string, counts: Readonly<Record<string, number>>): string {
  const there = Object.entries(counts).filter(([, count]) => count > 0);
  const total = there.reduce((sum, [, count]) => sum + count, 0);
  const reasons = there.map(([reason, count]) => `${count} ${reason}`).join(', ');
  return total === 0 ? `0 ${what}` : `${total} ${what} (${reasons})`;
}

const seconds = (ns: number) => `${(ns / 1e9).toFixed(3)} s of CPU time`;

function programsLine({ hooks, refusal, programs }: ObserveStats): string {
  if (!programs) return `no programs in the kernel${refusal === undefined ? '' : `: ${harmless(refusal)}`}`;
  const { writes, bytes, outside, refused, lost, missed, runs, cpuNs } = programs;
  const seen = `${writes} writes of ${bytes} bytes, ${outside} to other files`;
  const left = `${refused} files refused, ${lost} notes lost, ${missed} runs missed`;
  return `programs by ${hooks}: ${seen}; ${left}; ${runs} runs, ${seconds(cpuNs)}`;
}

export function statsLines(stats: ObserveStats): string {
  const { events, inside, lost, values, followed, busy, changed, waiting } = stats;
  const { bytesFollowed, bytesRead, cpuNs, switched, rereads, retracted, unknown } = stats;
  const lines = [
    `${events} events, ${inside} in the folders, ${lost} times lost`,
    `${values} values, ${followed} followed, ${byReason('summed in the kernel after all', switched)}`,
    byReason('rereads', rereads),
    `${byReason('retracted', retracted)}, ${byReason('unknown', unknown)}`,
    `${busy} open, ${changed} changed, ${waiting} waiting`,
    `${bytesFollowed} bytes followed, ${bytesRead} read again, ${seconds(cpuNs)}`,
    programsLine(stats),
  ];
  return `${lines.join('\n')}\n`;
}
