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

const observed = (title, command) =>
  results.find(
    ({ parameters, command: name }) =>
      ['observe', 'pressure', 'value'].includes(parameters.section) &&
      title.test(parameters.title) &&
      (typeof command === 'string' ? name === command : parameters.files === 1 && command(name)),
  );
const median = (values) => {
  const ascending = values.toSorted((a, b) => a - b);
  return (ascending[(ascending.length - 1) >> 1] + ascending[ascending.length >> 1]) / 2;
};
/** CPU of writer and observer, by round, without that of a writer whom nobody observes: seconds a GB. */
const added = (title, name) => {
  const [ours, alone] = [observed(title, `observed: ${name}`), observed(title, 'not observed')];
  return ours && median(ours.cpu_times_ns.map((ns, round) => (ns - alone.cpu_times_ns[round]) / ours.bytes));
};
const microsecondsAFile = (title, name) => {
  const seconds = added(title, name);
  const { bytes, parameters } = observed(title, 'not observed') ?? {};
  return seconds === undefined ? undefined : (seconds * bytes) / parameters.files / 1000;
};
const whole = /written in blocks/;
const nginx = /to nginx/;
const many = /^adler32, \d+ files of 16 KiB$/;
const outside = /outside/;
/** From the close to the value: `which` of a hundred, in milliseconds. */
const toValue = (name, which, size) => {
  const times = observed(new RegExp(`close to value, observed: ${name}$`), size)?.times_ns;
  return times?.toSorted((a, b) => a - b)[Math.ceil((times.length * which) / 100) - 1] / 1e6;
};
const small = '16 KiB';
const largest = (name) => name !== small;

/** What is to be at most so much. */
const limits = [
  ['written and observed by follow: CPU s/GB more', 0.13, added(whole, 'follow')],
  ['written and observed by hook: CPU s/GB more', 0.2, added(whole, 'hook')],
  ['PUT to nginx, observed by follow: CPU s/GB more', 0.38, added(nginx, 'follow')],
  ['PUT to nginx, observed by hook: CPU s/GB more', 0.6, added(nginx, 'hook')],
  ['many small files, observed: CPU µs each more', 65, microsecondsAFile(many, 'auto')],
  ['written outside, observed by follow: CPU s/GB more', 0.01, added(outside, 'follow')],
  ['from close to value, small file: ms, median', 1, toValue('follow', 50, small)],
  ['from close to value, small file: ms, 99 of 100', 10, toValue('follow', 99, small)],
  ['from close to value, large file: ms, median', 1, toValue('follow', 50, largest)],
  ['from close to value, large file: ms, 99 of 100', 10, toValue('follow', 99, largest)],
  [
    'little memory, follow: bytes from the device',
    0,
    median(observed(/of memory/, 'observed: follow')?.device_bytes ?? [Number.NaN]),
  ],
];

goals.push(
  [
    'PUT to nginx, observed by follow / not',
    0.85,
    observed(nginx, 'observed: follow'),
    observed(nginx, 'not observed'),
  ],
  ['many small files, observed / not', 0.8, observed(many, 'observed: auto'), observed(many, 'not observed')],
);

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
for (const [what, most, measured] of limits) {
  if (measured === undefined || Number.isNaN(measured)) {
    console.log(`not measured            ${what}`);
    continue;
  }
  if (measured > most) missed += 1;
  console.log(
    `${measured <= most ? 'reached' : 'MISSED '} ${measured.toFixed(3).padStart(6)} of ${String(most).padEnd(5)} ${what}, at most`,
  );
}
process.exitCode = missed > 0 ? 1 : 0;
