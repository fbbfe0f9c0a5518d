import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package-root.js';

/** What binaries of this architecture are shipped under. */
export const platform: string = `linux-${process.arch}`;

/**
 * The path of a program that the native build makes; undefined where there is none for this architecture.
 *
 * @param folder of the build, and of what is shipped
 */
export function shippedProgram(folder: 'bench' | 'programs', name: string): string | undefined {
  const places = [`build/${folder}`, `prebuilds/${platform}/${folder}`].map((place) =>
    join(packageRoot, place, name),
  );
  return places.find((place) => existsSync(place));
}
