/** Programs of every day: what they write has its checksum soon after, in whatever way they write it. */

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/files.js';
import { needs } from '../helpers/needs.js';
import { Observed } from './observing.js';
import { allBecomeRight } from './proven.js';

needs('rsync', 'fio', 'java', 'curl', 'sqlite3', 'git', 'xrdadler32');

const base = temporaryFolder();
const sources = temporaryFolder();
const java = fileURLToPath(new URL('programs/Storing.java', import.meta.url));

/** All that dd has to say of how it writes. */
const operands = [
  'bs=7 count=3000',
  'bs=4097',
  'bs=1M',
  'ibs=513 obs=70000',
  ...['direct', 'dsync', 'sync', 'nocache', 'nonblock', 'noatime', 'noctty', 'nofollow'].map(
    (flag) => `bs=256K oflag=${flag}`,
  ),
  'bs=256K oflag=direct,dsync seek=3',
  'bs=100K oflag=append conv=notrunc',
  'bs=1000 seek=123456 oflag=seek_bytes',
  'bs=64K seek=5',
  'bs=64K seek=5 count=3 conv=notrunc',
  'bs=1001 seek=100 count=7 conv=notrunc,nocreat',
  ...['fsync', 'fdatasync', 'swab', 'lcase', 'ucase', 'ebcdic', 'ibm', 'noerror', 'sync', 'excl'].map(
    (conversion) => `bs=65537 conv=${conversion}`,
  ),
  'cbs=80 conv=block count=200',
  'cbs=80 conv=unblock count=200',
];

const engines = [
  'sync',
  'psync',
  'vsync',
  'pvsync',
  'pvsync2',
  'mmap',
  'posixaio',
  'libaio',
  'io_uring',
  'splice',
];

/** Jobs that write at the same time: each its own file, three of them with three threads. */
const jobs: [string, string, string][] = [
  ...engines.map((each): [string, string, string] => ['sequential', each, '--rw=write --bs=60k']),
  ...engines
    .filter((each) => each !== 'splice')
    .map((each): [string, string, string] => [
      'random',
      each,
      '--rw=randwrite --bsrange=512-64k --iodepth=8',
    ]),
  ...['libaio', 'io_uring', 'psync'].map((each): [string, string, string] => [
    'direct',
    each,
    '--rw=randwrite --bs=4k --direct=1 --iodepth=8',
  ]),
  ...['io_uring', 'mmap', 'psync'].map((each): [string, string, string] => [
    'parallel',
    each,
    '--rw=randrw --bs=8k --numjobs=3 --overwrite=1',
  ]),
];

/** Each is run in a folder that is observed. $S: a file of other bytes; $Z: one with many zeros; $D: a folder of both. */
const programs: [string, string[]][] = [
  [
    'dd',
    [
      ...operands.flatMap((each, i) => {
        // It shall have something to write over.
        const first = /notrunc|nocreat/.test(each) ? [`cp $Z dd-${i}`] : [];
        return [...first, `dd if=$S of=dd-${i} ${each} status=none`];
      }),
      'dd if=$Z of=sparse bs=4K conv=sparse status=none',
    ],
  ],
  [
    'fio',
    [
      `fio --minimal --output=/dev/null --name=global --size=2m --thread ${jobs
        .map(
          ([way, engine, options]) => `--name=j --filename=${engine}-${way} --ioengine=${engine} ${options}`,
        )
        .join(' ')}`,
    ],
  ],
  [
    'rsync',
    [
      'rsync --archive $D/ whole',
      'rsync --archive --inplace $D/ in-place',
      'rsync --archive --sparse $D/ sparse',
      'rsync --archive --preallocate --delay-updates $D/ preallocated',
      'mkdir appended; for name in source zeros; do head -c 100000 $D/$name > appended/$name; done',
      'rsync --append $D/source $D/zeros appended/',
      // Parts of what is there: it sends differences, and takes the rest from the old file.
      'cp -r whole changed; for name in source zeros; do printf x | dd of=changed/$name seek=5000 bs=1 conv=notrunc status=none; done',
      'rsync --recursive --checksum --no-whole-file --inplace $D/ changed',
    ],
  ],
  [
    'cp, mv, tar, curl and the shell',
    [
      'cp $S plain; cp $S plain',
      ...['auto', 'never'].map((each) => `cp --reflink=${each} $S reflink-${each}`),
      ...['always', 'never', 'auto'].map((each) => `cp --sparse=${each} $Z sparse-${each}`),
      'cp plain beside; mv beside moved; mv -f moved plain; cp -l plain linked; ln plain linked-too',
      'install -m 600 $S installed',
      'tar -C $D -cf archive.tar . && mkdir extracted && tar -C extracted -xf archive.tar && tar -C extracted -xSf archive.tar',
      'curl -s -o fetched file://$S; curl -s -C - -o fetched file://$S; curl -s -o fetched-again file://$Z',
      'cat $S > written; cat $Z >> written; tee teed < $S > /dev/null; tee -a teed < $Z > /dev/null; : > emptied',
      'split -b 100000 $S part-; truncate -s 12345 part-aa; shuf -n 3 part-ab > sorted; sort -o sorted sorted',
    ],
  ],
  [
    'sqlite3 and git',
    [
      ...['delete', 'wal', 'truncate', 'persist'].map(
        (mode) =>
          `sqlite3 ${mode}.db 'pragma journal_mode=${mode}; create table t (n integer primary key, b blob);` +
          ' insert into t (b) select randomblob(3000) from json_each(json_array(1,2,3,4,5,6,7,8));' +
          " update t set b = randomblob(9000) where n < 4; delete from t where n = 6; vacuum;' > /dev/null",
      ),
      'git init -q work && cp $D/* work && cd work && git add . && git -c user.name=n -c user.email=e commit -qm one',
      'cd work && git mv source moved && git -c user.name=n -c user.email=e commit -qm two && git checkout -q HEAD~1 && git gc -q',
    ],
  ],
  ['a Java program', [`java -XX:TieredStopAtLevel=1 ${java} .`]],
];

describe.each(programs)('by %s,', (name, commands) => {
  beforeAll(() => {
    const [source, zeros] = [randomBytes(1_500_001), randomBytes(1_000_003)];
    zeros.fill(0, 200_000, 900_000);
    writeFileSync(join(sources, 'source'), source);
    writeFileSync(join(sources, 'zeros'), zeros);
  });

  it.each(['auto', 'follow', 'hook', 'reread'] as const)(
    'what is written has its checksum, with the method %s',
    async (method) => {
      const folder = join(base, method, name.replaceAll(/\W/g, '-'));
      mkdirSync(folder, { recursive: true });
      const observed = new Observed(folder, { method, profiles: ['storm'] });
      const env = { ...process.env, S: join(sources, 'source'), Z: join(sources, 'zeros'), D: sources };
      for (const each of commands) execFileSync('sh', ['-ec', each], { cwd: folder, env, stdio: 'pipe' });
      expect(await allBecomeRight(folder)).toBeGreaterThan(5);
      expect(observed.events.filter(({ type }) => type === 'unknown')).toEqual([]);
    },
  );
});
