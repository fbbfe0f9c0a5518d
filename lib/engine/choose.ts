import type { AlgorithmName } from './algorithms.js';
import { calibration, explain, kernelFrom } from './calibration.js';
import { kernelEngine } from './kernel.js';

export interface EngineDecision {
  /** Begin in the kernel. */
  kernel: boolean;
  /** But not with fewer bytes than this. */
  kernelFrom: number;
  /** Why, in words for the result of a file of so many bytes. */
  reason(bytes: number): string;
}

function auto(algorithms: readonly AlgorithmName[]): EngineDecision {
  const userspace = (reason: EngineDecision['reason']) => ({ kernel: false, kernelFrom: 0, reason });
  const measured = calibration();
  if (!measured) {
    // Measuring takes half a second, which is too long for a file of a few KiB: whoever wants it measured says so.
    return userspace(() => 'this machine is not calibrated yet (sluice compare does it)');
  }
  const reason = (bytes: number) => explain(measured, algorithms, bytes);
  const from = kernelFrom(measured, algorithms);
  if (from === Number.POSITIVE_INFINITY) return userspace(reason);
  const engine = kernelEngine();
  if (engine.available) return { kernel: true, kernelFrom: from, reason };
  return userspace(() => `the kernel engine is not available: ${engine.error.message}`);
}

/**
 * Where to begin. Without a calibration `auto` is user space.
 *
 * @throws SluiceError where `kernel` is insisted on and can't be had
 */
export function chooseEngine(
  choice: 'auto' | 'kernel' | 'userspace',
  algorithms: readonly AlgorithmName[],
): EngineDecision {
  if (choice === 'auto') return auto(algorithms);
  const asked = { kernelFrom: 0, reason: () => 'asked for' };
  if (choice === 'userspace') return { kernel: false, ...asked };
  const engine = kernelEngine();
  if (!engine.available) throw engine.error;
  return { kernel: true, ...asked };
}
