/** What a shared object asks of the machine that loads it, read from its dynamic section. */

import { execFileSync } from 'node:child_process';

export interface DynamicSection {
  /** The libraries that it needs, by name. */
  needed: string[];
  /** Versions of symbols that it needs, such as `GLIBC_2.34`. */
  versions: string[];
  /** Symbols that something loaded before must have, and of no version: nothing says that they will be there. */
  unversioned: string[];
  /** Symbols that others can bind to. */
  exported: string[];
}

export function dynamicSection(file: string): DynamicSection {
  const text = execFileSync('readelf', ['-W', '-d', '--dyn-syms', file], { encoding: 'utf8' });
  const found: DynamicSection = { needed: [], versions: [], unversioned: [], exported: [] };
  for (const line of text.split('\n')) {
    const library = line.match(/\(NEEDED\).*\[(.+)\]/)?.[1];
    if (library) found.needed.push(library);
    // number, value, size, type, binding, visibility, section, name, and @VERSION where there is one
    const symbol = line.match(/^ *\d+: \w+ +\w+ \w+ +(\w+) +\w+ +(\w+) ([^ @]+)(?:@+(\S+))?/);
    if (!symbol) continue;
    const [, binding, section, name = '', version] = symbol;
    if (binding === 'LOCAL') continue;
    if (section !== 'UND') found.exported.push(name);
    else if (version) found.versions.push(version);
    // A weak one may stay undefined.
    else if (binding !== 'WEAK') found.unversioned.push(name);
  }
  return found;
}

const libraries = /^(libc|libgcc_s|libm|libpthread|libdl|ld-linux-.*)\.so/;
const entryPoints = ['napi_register_module_v1', 'node_api_module_get_api_version_v1'];

/** Whether EL9 has symbols of this version: glibc 2.34, and libgcc's, of which node needs the old ones itself. */
function provided(version: string): boolean {
  const glibc = version.match(/^GLIBC_2\.(\d+)/)?.[1];
  return glibc === undefined ? /^GCC_[34]\./.test(version) : Number(glibc) <= 34;
}

/** Why a program or a library would not load on a machine with EL9's glibc. Empty: it will load. */
export function missing({ needed, versions }: DynamicSection): string[] {
  return [
    ...needed.filter((name) => !libraries.test(name)).map((name) => `needs the library ${name}`),
    ...versions.filter((version) => !provided(version)).map((version) => `needs symbols of ${version}`),
  ];
}

/** Why an addon would not load, or would disturb others, on a machine with Node and EL9's glibc. Empty: it will load. */
export function faults(file: string): string[] {
  const section = dynamicSection(file);
  const { unversioned, exported } = section;
  return [
    ...missing(section),
    ...unversioned.filter((name) => !/^(napi|node_api)_/.test(name)).map((name) => `has ${name} undefined`),
    ...exported.filter((name) => !entryPoints.includes(name)).map((name) => `exports ${name}`),
  ];
}
