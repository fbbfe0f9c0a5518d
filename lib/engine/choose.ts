import type { AlgorithmName } from './algorithms.js';
import { calibration, explain, kernelFrom } from './calibration.js';
import type { Backend } from './job.js';
import { kernelEngine } from './taps/pipe.js';

export interface EngineDecision {
  /** Where to begin. */
  backend: Backend;
  /** But in user space with fewer bytes than this. */
  backendFrom: number;
  /** Why, in words for the result of a file of so many bytes. */
  reason(bytes: number): string;
}

function auto(algorithms: readonly AlgorithmName[]): EngineDecision {
  const userspace = (reason: EngineDecision['reason']): EngineDecision => ({
    backend: 'userspace',
    backendFrom: 0,
    reason,
  });
  const measured = calibration();
  if (!measured) {
    // Measuring takes half a second, which is too long for a file of a few KiB: whoever wants it measured says so.
    return userspace(() => 'this machine is not calibrated yet (sluice compare does it)');
  }
  const reason = (bytes: number) => explain(measured, algorithms, bytes);
  const from = kernelFrom(measured, algorithms);
  if (from === Number.POSITIVE_INFINITY) return userspace(reason);
  const engine = kernelEngine();
  if (engine.available) return { backend: 'bpf', backendFrom: from, reason };
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
  const asked = { backendFrom: 0, reason: () => 'asked for' };
  if (choice === 'userspace') return { backend: 'userspace', ...asked };
  const engine = kernelEngine();
  if (!engine.available) throw engine.error;
  return { backend: 'bpf', ...asked };
}
