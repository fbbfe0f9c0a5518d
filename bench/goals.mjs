#!/usr/bin/env node
// Holds a report of `sluice bench` against the speeds that this project wants to reach:
//
//   sluice bench --dir /storage --report out && node bench/goals.mjs out/report.json
//
// Ratios are formed within the rounds of one run, on its largest file where nothing else is said. Ends with 1 if one is
// missed.
import { readFileSync } from 'node:fs';

const [path] = process.argv.slice(2);
if (!path) {
  console.error('usage: node bench/goals.mjs REPORT.JSON');
  process.exit(2);
}
const { results, options } = JSON.parse(readFileSync(path, 'utf8'));

/** One row; `command` may be a list, of which the fastest counts. Undefined if it was not measured. */
function row(section, algorithm, command) {
  const found = results.filter(
    ({ parameters, bytes, command: name }) =>
      parameters.section === section &&
      parameters.title.startsWith(`${algorithm},`) &&
      (section !== 'throughput' || bytes === options.size) &&
      [command].flat().includes(name),
  );
  return found.sort((a, b) => b.gb_per_second.median - a.gb_per_second.median)[0];
}

/** How many times as fast: the median over the rounds, in which both ran one after the other. */
function timesAsFast(ours, theirs) {
  const ratios = ours.times_ns.map((ns, round) => ours.bytes / ns / (theirs.bytes / theirs.times_ns[round]));
  ratios.sort((a, b) => a - b);
  return (ratios[Math.floor((ratios.length - 1) / 2)] + ratios[Math.ceil((ratios.length - 1) / 2)]) / 2;
}

const threads = Math.max(...results.map(({ parameters }) => parameters.threads ?? 1));
const several = (name) => `${name}, 2 threads`;
const large = (algorithm, command) => row('throughput', algorithm, command);
const library = ['read + libdeflate', 'read + isa-l'];
const relays = ['relay, user space', 'relay, kernel'];

const uploads = (count) => (command) =>
  results.find(
    ({ parameters, command: name }) =>
      parameters.section === 'upload' && (parameters.files === 1) === (count === 1) && name === command,
  );
const [largeUpload, smallUploads] = [uploads(1), uploads(Infinity)];

const goals = [
  ['kernel adler32 / read + libdeflate', 0.57, large('adler32', 'kernel'), large('adler32', library)],
  ['kernel adler32 / xrdadler32', 2, large('adler32', 'kernel'), large('adler32', 'xrdadler32')],
  ['kernel crc32 / read + best library', 0.5, large('crc32', 'kernel'), large('crc32', library)],
  ['kernel crc32 / @node-rs/crc32', 1.05, large('crc32', 'kernel'), large('crc32', 'read + @node-rs/crc32')],
  ['kernel crc32c / read + best library', 0.5, large('crc32c', 'kernel'), large('crc32c', library)],
  ['kernel crc32c / fast-crc32c', 1.2, large('crc32c', 'kernel'), large('crc32c', 'read + fast-crc32c')],
  ['kernel crc64nvme / user space', 0.35, large('crc64nvme', 'kernel'), large('crc64nvme', 'user space')],
  ...['adler32', 'crc32c'].map((algorithm) => [
    `kernel ${algorithm}, 2 threads / 1`,
    1.85,
    row('threads', algorithm, several('kernel')),
    row('threads', algorithm, 'kernel'),
  ]),
  ...[
    ['adler32', 'memory + libdeflate'],
    ['crc32', ['memory + libdeflate', 'memory + isa-l']],
    ['crc32c', 'memory + isa-l'],
  ].map(([algorithm, command]) => [
    `user space ${algorithm} in memory / best library`,
    1,
    row('memory', algorithm, 'user space'),
    row('memory', algorithm, command),
  ]),
  ['user space adler32 / read + libdeflate', 1.15, large('adler32', 'user space'), large('adler32', library)],
  [
    'user space adler32, 2 threads / 1',
    1.9,
    row('threads', 'adler32', several('user space')),
    row('threads', 'adler32', 'user space'),
  ],
  ...['user space', 'kernel'].map((engine) => [
    `${engine}, files of 4 KiB / readFile + zlib`,
    2,
    row('many', 'crc32', engine),
    row('many', 'crc32', 'readFile + node:zlib'),
  ]),
  ...[
    ['put', 'best', 1.5],
    ['put', 'relay, kernel', 1.35],
    ['copy', 'best', 1.3],
  ].map(([section, which, wanted]) => [
    `${section.toUpperCase()}, ${which} / read + libdeflate + write`,
    wanted,
    row(section, 'adler32', which === 'best' ? relays : which),
    row(section, 'adler32', 'read + libdeflate + write'),
  ]),
  [
    'HTTP PUT by relay / Node pipeline',
    3,
    largeUpload('receive, relay'),
    largeUpload('Node pipeline + zlib'),
  ],
  ['HTTP PUT by relay / nginx', 1.5, largeUpload('receive, relay'), largeUpload('nginx')],
  [
    'HTTP PUT by stream / Node pipeline',
    1.2,
    largeUpload('receive, stream'),
    largeUpload('Node pipeline + zlib'),
  ],
  [
    'HTTP PUT, small files / Node pipeline',
    1,
    smallUploads('receive, stream'),
    smallUploads('Node pipeline + zlib'),
  ],
  ['GET, best / sendfile', 0.75, row('get', 'adler32', relays), row('get', 'adler32', 'sendfile')],
  [
    'CPU of PUT, read + libdeflate + write / best',
    1 / 0.7,
    row('put', 'adler32', relays),
    row('put', 'adler32', 'read + libdeflate + write'),
    (ours, theirs) => theirs.cpu_seconds_per_gb.median / ours.cpu_seconds_per_gb.median,
  ],
];

console.log(`${options.size} bytes, up to ${threads} threads`);
// What two threads can give at all: the machine's memory, which they share, decides it.
const [one, two] = ['plain read', several('plain read')].map((name) => row('threads', 'adler32', name));
if (one && two)
  console.log(
    `        ${timesAsFast(two, one).toFixed(2).padStart(6)}          plain read, 2 threads / 1: bounds the two below`,
  );
let missed = 0;
for (const [what, wanted, ours, theirs, compare = timesAsFast] of goals) {
  if (ours === undefined || theirs === undefined) {
    console.log(`not measured            ${what}`);
    continue;
  }
  const ratio = compare(ours, theirs);
  if (ratio < wanted) missed += 1;
  console.log(
    `${ratio >= wanted ? 'reached' : 'MISSED '} ${ratio.toFixed(2).padStart(6)} of ${String(wanted).padEnd(5)} ${what} (${ours.gb_per_second.median.toFixed(2)} / ${theirs.gb_per_second.median.toFixed(2)} GB/s)`,
  );
}
process.exitCode = missed > 0 ? 1 : 0;
