/** A lint of scripts/ on trees that are made for it. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../helpers/files.js';

export interface Said {
  status: number | null;
  /** Line by line. */
  problems: string[];
}

/** A script of scripts/, as what it says of a tree of these files. */
export function linter(name: string): (files: Readonly<Record<string, string>>) => Said {
  const script = fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url));
  const folder = temporaryFolder();
  let trees = 0;
  return (files) => {
    const root = join(folder, String(trees++));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const { status, stderr } = spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
    return { status, problems: stderr.split('\n').filter((line) => line !== '') };
  };
}
