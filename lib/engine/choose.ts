import type { AlgorithmName } from './algorithms.js';
import type { EngineChoice } from './backends.js';
import { type BackendChoice, calibration, explain, fastest } from './calibration.js';
import { kernelEngine } from './taps/pipe.js';

/** Where to begin: but in user space with fewer bytes than `backendFrom`. */
export interface EngineDecision extends BackendChoice {
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
  const choice = fastest(measured, algorithms);
  if (choice.backend === 'userspace') return userspace(reason);
  const engine = kernelEngine();
  if (engine.available) return { ...choice, reason };
  return userspace(() => `the kernel engine is not available: ${engine.error.message}`);
}

/**
 * Where to begin. Without a calibration `auto` is user space.
 *
 * @throws SluiceError where `kernel` is insisted on and can't be had
 */
export function chooseEngine(choice: EngineChoice, algorithms: readonly AlgorithmName[]): EngineDecision {
  if (choice === 'auto') return auto(algorithms);
  const asked = { backendFrom: 0, reason: () => 'asked for' };
  if (choice === 'userspace') return { backend: 'userspace', ...asked };
  const engine = kernelEngine();
  if (!engine.available) throw engine.error;
  return { backend: 'bpf', ...asked };
}
