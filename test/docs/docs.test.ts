/** Holds the documentation against the code: links, error codes, options and examples. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { SluiceError, type SluiceErrorCode } from '../../lib/errors/errors.js';
import { binary } from '../cli/run.js';
import { temporaryFolder } from '../helpers/files.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Page {
  name: string;
  text: string;
}

const pages: readonly Page[] = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }));

interface Fence {
  page: string;
  language: string;
  text: string;
}

const fences: readonly Fence[] = pages.flatMap(({ name, text }) =>
  [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, body]) => ({
    page: name,
    language: language as string,
    text: body as string,
  })),
);

function withoutFences(text: string): string {
  return text.replace(/^```.*?^```$/gms, '');
}

/** What GitHub makes of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

function anchorsOf(file: string): string[] {
  const text = withoutFences(readFileSync(file, 'utf8'));
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading as string));
}

describe('links', () => {
  it.each(pages)('of $name lead somewhere', ({ name, text }) => {
    const targets = [...withoutFences(text).matchAll(/\]\(([^)\s]+)\)/g)].map(
      ([, target]) => target as string,
    );
    for (const target of targets) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path, anchor] = target.split('#') as [string, string | undefined];
      const file = path === '' ? join(root, name) : join(root, dirname(name), path);
      expect(existsSync(file), `${target} in ${name}`).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(file), `${target} in ${name}`).toContain(anchor);
    }
  });

  it('reach every page from the README', () => {
    const [readme] = pages as [Page];
    const guides = pages.slice(1).map(({ name }) => name);
    const unlinked = guides.filter((name) => !readme.text.includes(`](${name})`));
    expect(unlinked).toEqual([]);
  });
});

describe('docs/errors.md', () => {
  const source = readFileSync(join(root, 'lib/errors/codes.ts'), 'utf8');
  const codes = [...new Set(source.match(/ERR_SLUICE_[A-Z_]+/g))] as SluiceErrorCode[];
  const errors = pages.find(({ name }) => name === 'docs/errors.md')?.text ?? '';
  const rows = [...errors.matchAll(/^\| `(ERR_SLUICE_[A-Z_]+)` \| (.+) \| (.+) \| (\d+) \|$/gm)];

  it('has a row for every code, and no other', () => {
    expect(rows.map(([, code]) => code).sort()).toEqual([...codes].sort());
  });

  it('has the remedies and exit statuses of the code', () => {
    for (const [, code, , remedy, exit] of rows) {
      const error = new SluiceError(code as SluiceErrorCode, '');
      expect({ code, remedy, exit: Number(exit) }).toEqual({
        code,
        remedy: error.remedy,
        exit: error.exitStatus,
      });
    }
  });

  it.each(pages)('knows the codes that $name speaks of', ({ text }) => {
    const named = [...new Set(text.match(/ERR_SLUICE_[A-Z_]+/g))];
    expect(codes).toEqual(expect.arrayContaining(named));
  });
});

describe('commands', () => {
  const helpOf = (...command: string[]) =>
    execFileSync(process.execPath, [binary, ...command, '--help'], { encoding: 'utf8' });
  const commands = [...helpOf().matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, name]) => name as string);

  /** `sluice COMMAND OPTION…` wherever a command is shown: in a shell's lines, and between backquotes in the text. */
  const shown = pages.flatMap(({ name, text }) => {
    const shell = fences.filter(
      ({ page, language }) => page === name && ['sh', 'console', 'ini'].includes(language),
    );
    const inline = [...withoutFences(text).matchAll(/`([^`]+)`/g)].map(([, code]) => code as string);
    // What a console shows without a prompt is output.
    const typed = shell.map(({ language, text }) =>
      language === 'console' ? text.replace(/^(?!\$ ).*\n/gm, '') : text,
    );
    return [...typed, ...inline]
      .flatMap((code) => code.split(/[\n|;&]+/))
      .flatMap((line) => [...line.matchAll(/(?:^|[\s/])(?:sluice|main\.js) ([a-z]+)(.*)$/g)])
      .map(([use, command, rest]) => ({ page: name, use, command: command as string, rest: rest as string }));
  });

  it('are shown at all', () => {
    expect(shown.map(({ command }) => command)).toEqual(expect.arrayContaining(['sum', 'compare', 'probe']));
  });

  it('exist, with every option shown', () => {
    const options = new Map(
      commands.map((name) => [name, new Set(helpOf(name).match(/(?<![\w-])--?[a-z][a-z-]*/g))]),
    );
    for (const { page, use, command, rest } of shown) {
      expect(commands, `${use} in ${page}`).toContain(command);
      for (const option of rest.match(/(?<=\s)--?[a-z][a-z-]*/g) ?? []) {
        expect(options.get(command), `${use} in ${page}`).toContain(option);
      }
    }
  });

  it('of npm are in package.json', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    for (const { name, text } of pages) {
      for (const [, script] of text.matchAll(/\bnpm run ([a-z:]+)/g)) {
        expect(Object.keys(scripts), `npm run ${script} in ${name}`).toContain(script);
      }
    }
  });
});

describe('examples', () => {
  const folder = temporaryFolder();
  const examples = fences
    .filter(({ language }) => language === 'ts')
    .map((fence, i) => ({ ...fence, file: join(folder, `example-${i}.mts`) }));

  // Beside a node_modules of their own, they import what a user's program would.
  beforeAll(() => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules/sluice'));
    for (const { file, text } of examples) writeFileSync(file, text);
  });

  it('type-check', () => {
    const program = ts.createProgram(
      examples.map(({ file }) => file),
      {
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.NodeNext,
        typeRoots: [join(root, 'node_modules/@types')],
        types: ['node'],
      },
    );
    const complaints = ts.getPreEmitDiagnostics(program).map(({ file, messageText, start }) => {
      const example = examples.find((each) => file?.fileName === each.file);
      const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
      const where = example
        ? `${example.page}, line ${line} of an example`
        : relative(root, file?.fileName ?? '');
      return `${where}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
    expect(complaints).toEqual([]);
  });

  it('of the README runs', () => {
    const first = examples.find(({ page }) => page === 'README.md');
    const script = join(folder, 'readme.mjs');
    writeFileSync(
      script,
      ts.transpile(first?.text ?? '', { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 }),
    );
    const output = execFileSync(process.execPath, [script], { encoding: 'utf8' }).split('\n');
    expect(output[0]).toMatch(/^[0-9a-f]{8} [0-9a-f]{8} (bpf|userspace) .+ (none|unknown)$/);
    expect(output[1]).toBe('true');
  });
});

it('the versions of Node that are named are those tested', () => {
  const read = (name: string) => readFileSync(join(root, name), 'utf8');
  const [, list = ''] = /^versions=\((.*)\)$/m.exec(read('scripts/fetch-nodes')) ?? [];
  const [oldest = '', ...others] = list.split(' ');
  expect(JSON.parse(read('package.json')).engines).toEqual({ node: `>=${oldest}` });
  const named = [oldest.replace(/\.0$/, ''), ...others.map((version) => version.split('.')[0])];
  const sentence = `tested with Node ${named.slice(0, -1).join(', ')} and ${named.at(-1)}`;
  for (const page of ['README.md', 'docs/http.md'])
    expect(read(page).replace(/\s+/g, ' '), page).toContain(sentence);
});
