/** The errors of this module: what the kernel refused, and why, in one line. */

import { codeFor, isForbidden } from '../errors/errno.js';
import { SluiceError } from '../errors/errors.js';
import { native } from '../native/index.js';
import { type Capability, lacking, missingOf } from '../system/capabilities.js';
import { bpfRefusal } from '../system/policy.js';
import { systemError, systemErrorText } from '../system/system-error.js';
import { bad, shown } from './arguments.js';

const programLog = /prog '([^']*)': -- BEGIN PROG LOAD LOG --\n([\s\S]*?)-- END PROG LOAD LOG --/;

/**
 * The line of the verifier's log that says what is wrong: the last one before its statistics, or before the explanation of
 * many lines that kernels from 7.x on add.
 */
function verdict(log: string): { program: string; line: string } | undefined {
  const found = programLog.exec(log);
  if (!found) return undefined;
  const [trace = ''] = (found[2] ?? '').split(/^Verification failed: /m);
  const lines = trace
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line && !/^(processed \d+ insns|verification time|stack depth|max_states)/.test(line));
  const line = lines.at(-1);
  // A load that is refused before verification (by policy, or for an unknown type) leaves the log empty.
  return line === undefined ? undefined : { program: found[1] ?? '', line };
}

/** The last thing that libbpf said. */
function remark(log: string): string {
  const last = log
    .trim()
    .split('\n')
    .at(-1)
    ?.replace(/^libbpf: /, '')
    .replace(/\.$/, '');
  return last ? `: ${last}` : '';
}

function systemMessage(errno: number): string {
  const [name, text] = systemError(errno) ?? [`error ${errno}`, ''];
  return text ? `${name}, ${text}` : name;
}

function refusal(what: string, errno: number, log: string, needs: readonly Capability[]): SluiceError {
  if (errno === 0) return new SluiceError('ERR_SLUICE_CLOSED', what);
  const details = { errno, log };
  const code = codeFor(errno, 'bpf');
  if (code === 'ERR_SLUICE_LIMIT') {
    return new SluiceError(
      code,
      `There are too few descriptors left to ${what} (${systemErrorText(errno)})`,
      details,
    );
  }
  const refused = bpfRefusal({ call: 'bpf', needs: isForbidden(errno) ? needs : [] }, errno);
  if (refused?.by === 'capabilities') return lacking(missingOf(needs), what, details);
  if (refused?.by === 'call') {
    return new SluiceError(code, `${refused.reason}, to ${what}`, {
      ...details,
      remedy: `${refused.remedy}.`,
    });
  }
  // EPERM has more meanings, as that a map is frozen, where no capability is asked for.
  if (refused?.by === 'namespace' && isForbidden(errno) && needs.length > 0) {
    return new SluiceError('ERR_SLUICE_NO_CAPABILITY', `${refused.reason}: the kernel refused to ${what}`, {
      ...details,
      remedy: `${refused.remedy}.`,
    });
  }
  const said = verdict(log);
  if (said) {
    return new SluiceError(
      'ERR_SLUICE_VERIFIER',
      `The kernel's verifier refused to ${what}, program ${said.program}: ${said.line}`,
      details,
    );
  }
  return new SluiceError(
    code,
    `The kernel refused to ${what} (${systemMessage(errno)})${remark(log)}`,
    details,
  );
}

native.onBpfRefusal(refusal, (expectation, value) => bad(`${expectation}, not ${shown(value)}`));
