/** The BPF objects that this package ships. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../errors/errors.js';
import { type LoadedObject, type OpenObject, openObject } from '../libbpf/object.js';
import { packageRoot } from '../native/index.js';
import { explainRefusal } from './refusal.js';

/** Opens NAME.bpf.o. */
export function openShipped(name: string): OpenObject {
  const places = ['build/bpf', 'prebuilds/bpf'].map((folder) => join(packageRoot, folder, `${name}.bpf.o`));
  const found = places.find((place) => existsSync(place));
  if (!found) {
    throw new SluiceError('ERR_SLUICE_NO_BINARY', `The BPF object ${name}.bpf.o is not in ${packageRoot}`);
  }
  return openObject(found);
}

/**
 * Loads an object, and says what a refusal means on this machine.
 *
 * @param what it is, in a sentence
 */
export function loadShipped(object: OpenObject, what: string): LoadedObject {
  try {
    return object.load();
  } catch (error) {
    throw error instanceof SluiceError ? explainRefusal(error, what) : error;
  }
}
