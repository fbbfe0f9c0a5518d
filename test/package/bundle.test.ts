/** Programs that a bundler has put into one file: with sluice as external they run, else they say what to do. */

import { copyFileSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import { describe, expect, it } from 'vitest';
import { checksum } from '../../lib/index.js';
import { run } from '../cli/run.js';
import { fileOf, temporaryFolder } from '../helpers/files.js';

const project = realpathSync(temporaryFolder());
mkdirSync(join(project, 'node_modules'));
symlinkSync(fileURLToPath(new URL('../..', import.meta.url)), join(project, 'node_modules/sluice'));
writeFileSync(join(project, 'package.json'), '{ "name": "program", "type": "module" }');
const entry = join(project, 'entry.mjs');
copyFileSync(new URL('programs/bundled.mjs', import.meta.url), entry);
const file = fileOf(project, 100_000);

type Bundler = (outfile: string, external: boolean) => Promise<unknown>;

function withEsbuild(format: 'esm' | 'cjs'): Bundler {
  return (outfile, external) =>
    esbuild({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      format,
      external: external ? ['sluice'] : [],
      logLevel: 'silent',
    });
}

/** What @rollup/plugin-node-resolve does for this one name. */
const resolving = {
  name: 'resolve',
  resolveId: (name: string) => (name === 'sluice' ? createRequire(entry).resolve(name) : null),
};

const bundlers: Record<string, Bundler> = {
  'esbuild, to ESM': withEsbuild('esm'),
  'esbuild, to CommonJS': withEsbuild('cjs'),
  rollup: async (outfile, external) => {
    const bundle = await rollup({
      input: entry,
      logLevel: 'silent',
      external: (name) => (external && name === 'sluice') || name.startsWith('node:'),
      plugins: external ? [] : [resolving],
    });
    await bundle.write({ file: outfile, format: 'es', inlineDynamicImports: true });
  },
  vite: (outfile, external) =>
    vite({
      root: project,
      configFile: false,
      logLevel: 'silent',
      ssr: external ? { external: ['sluice'] } : { noExternal: true },
      build: {
        ssr: entry,
        outDir: join(outfile, '..'),
        emptyOutDir: false,
        rolldownOptions: { output: { entryFileNames: outfile.split('/').at(-1) as string } },
      },
    }),
};

describe.each(Object.entries(bundlers))('a program bundled with %s', (name, bundle) => {
  const folder = join(project, name.replaceAll(/\W/g, '-'));
  const extension = name.endsWith('CommonJS') ? 'cjs' : 'mjs';

  it('runs where sluice is external', async () => {
    const outfile = join(folder, `external.${extension}`);
    await bundle(outfile, true);
    const { hex } = await checksum(file);
    expect(await run(process.execPath, [outfile, file])).toEqual({
      status: 0,
      stdout: `${hex}\n`,
      stderr: '',
    });
  });

  it('says that sluice is to be marked as external, where it is not', async () => {
    const outfile = join(folder, `whole.${extension}`);
    await bundle(outfile, false);
    const { status, stderr } = await run(process.execPath, [outfile, file]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /SluiceError: The binary of sluice is not found from here: a bundler .* Mark sluice as external/,
    );
    expect(stderr).toContain("code: 'ERR_SLUICE_NO_BINARY'");
  });
});
