import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Says which programs the tests of a file run that building does not need: `setup --tests` installs them. A file that calls
 * it is left out of `npm run test:unit`. Where one is missing, the tests fail.
 */
export function needs(...programs: string[]): void {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const missing = programs.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
  if (missing.length > 0)
    throw new Error(`These programs are missing: ${missing.join(', ')}. Run: npm run setup -- --tests`);
}
