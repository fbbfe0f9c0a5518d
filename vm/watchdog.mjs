// SPDX-License-Identifier: Apache-2.0
// Watches a machine: what its kernel says on the console, and whether it says anything at all.

/** What a kernel prints when something is wrong with it. The first match in a line counts. */
const SPLATS = [
  /Kernel panic - not syncing.*/,
  /BUG: .*/,
  /WARNING: .*/,
  /(?:Oops|UBSAN|KASAN|KCSAN): .*/,
  /general protection fault.*/,
  /unchecked MSR access error.*/,
  /INFO: task .* blocked for more than .*/,
  /rcu: INFO: .*(?:stall|expedited).*/,
  /INFO: trying to register non-static key.*/,
  /verifier (?:backtracking )?bug.*/i,
  /BPF: .*(?:invalid|mismatch).*/i,
];

/** Lines that look like one of the above and are not. */
const HARMLESS = [/Spectre|RETBleed|MDS|TAA|MMIO Stale Data|SRSO|L1TF|ITS:|VMSCAPE/];

/**
 * @typedef {object} Patience in seconds
 * @property {number} boot until the machine's init reports ready
 * @property {number} silence longest time without a byte on any channel
 * @property {number} limit for the whole run
 */

/** @type {Patience} */
export const PATIENCE = { boot: 90, silence: 120, limit: 1200 };

/** Longest patience: Node counts a timer's milliseconds in 31 bits, and one that is longer fires at once. */
export const LONGEST = Math.floor((2 ** 31 - 1) / 1000);

/**
 * @param {string} line of the console
 * @returns {string | undefined} what is wrong
 */
export function splatIn(line) {
  if (HARMLESS.some((pattern) => pattern.test(line))) return undefined;
  for (const pattern of SPLATS) {
    const match = pattern.exec(line);
    if (match) return match[0].trim();
  }
  return undefined;
}

/** What a person can do about a splat whose text does not say. */
const ADVICE = [
  [
    /Unable to mount root fs|Cannot open root device/,
    'the kernel cannot reach the working tree: build it with CONFIG_VIRTIO_PCI=y and CONFIG_VIRTIO_FS=y ' +
      '(an image given by its path has no modules), or, where these are modules, with CONFIG_BLK_DEV_INITRD=y',
  ],
  [
    /No working init found|Requested init .* failed/,
    'the working tree was mounted, but vm/init.sh could not run',
  ],
];

/**
 * @param {string} splat
 * @returns {string} the splat, with advice where there is some
 */
export function advised(splat) {
  const advice = ADVICE.find(([pattern]) => pattern.test(splat));
  return advice ? `${splat}: ${advice[1]}` : splat;
}

/** @param {string} reason why a watchdog barked: that the machine fell silent */
export function isSilence(reason) {
  return reason.startsWith('the machine said nothing');
}

/** Three deadlines; `onBark` is called once, with what did not happen in time. */
export class Watchdog {
  #patience;
  #onBark;
  #boot;
  #limit;
  #silence;

  /**
   * @param {Patience} patience
   * @param {(reason: string) => void} onBark
   */
  constructor(patience, onBark) {
    this.#patience = patience;
    this.#onBark = onBark;
    this.#boot = this.#timer(patience.boot, `the machine was not up within ${patience.boot} s`);
    this.#limit = this.#timer(patience.limit, `the run was not over within ${patience.limit} s`);
    this.alive();
  }

  /** A byte was seen on some channel. */
  alive() {
    clearTimeout(this.#silence);
    this.#silence = this.#timer(
      this.#patience.silence,
      `the machine said nothing for ${this.#patience.silence} s`,
    );
  }

  ready() {
    clearTimeout(this.#boot);
  }

  stop() {
    for (const timer of [this.#boot, this.#limit, this.#silence]) clearTimeout(timer);
  }

  #timer(seconds, reason) {
    return setTimeout(() => {
      this.stop();
      this.#onBark(reason);
    }, seconds * 1000);
  }
}
