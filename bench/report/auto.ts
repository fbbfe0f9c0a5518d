import { traits } from '#lib/engine/backends.js';
import type { BackendChoice } from '#lib/engine/calibration.js';
import { binarySize } from '#lib/measure/binary-size.js';

/** What `auto` takes, in words. */
export function taken({ backend, backendFrom }: BackendChoice): string {
  const { place } = traits[backend];
  return backendFrom > 0 ? `${place} from ${binarySize(backendFrom)}` : place;
}
