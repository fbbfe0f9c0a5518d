import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SluiceError } from '../errors/errors.js';

/** What a bundler leaves behind: the addon and the BPF objects are looked for beside the files of this package. */
function bundled(cause?: unknown): SluiceError {
  return new SluiceError(
    'ERR_SLUICE_NO_BINARY',
    'The binary of sluice is not found from here: a bundler has taken the code out of its package',
    {
      remedy:
        'Mark sluice as external (esbuild: --external:sluice; rollup, webpack: externals; vite: ssr.external), and install it beside the bundle.',
      cause,
    },
  );
}

/** Where package.json lies: lib/ and dist/ are both one level below it. */
export const packageRoot: string = rootOf(import.meta.url);

function rootOf(url: string | undefined): string {
  // In a bundle of CommonJS there is no such address.
  if (!url) throw bundled();
  const root = fileURLToPath(new URL('../..', url));
  try {
    const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name?: unknown };
    if (name === 'sluice') return root;
  } catch (cause) {
    throw bundled(cause);
  }
  throw bundled();
}
