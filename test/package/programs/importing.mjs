/**
 * Sums a file, and prints as JSON the value, the backend, and which of the system's libraries the process has loaded.
 *
 * node importing.mjs FILE ENGINE
 */

import { readFileSync } from 'node:fs';
import { checksum } from 'sluice';
import { openObject } from 'sluice/libbpf';

const [file, engine] = process.argv.slice(2);
const { hex, backend } = await checksum(file, { algorithms: ['crc32'], engine });
const libraries = readFileSync('/proc/self/maps', 'utf8').match(/lib(bpf|elf|z)\.so/g) ?? [];
console.log(JSON.stringify({ hex, backend, libraries, openObject: typeof openObject }));
