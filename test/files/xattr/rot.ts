import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';

/** Turns a bit of a file over as a failing disk would: size and time stay, to the nanosecond. */
export function plantRot(path: string, offset: number): void {
  const times = `${path}.times`;
  execFileSync('touch', ['-r', path, times]);
  const fd = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(fd, byte, 0, 1, offset);
  byte[0] = (byte[0] as number) ^ 1;
  writeSync(fd, byte, 0, 1, offset);
  closeSync(fd);
  execFileSync('touch', ['-r', times, path]);
  rmSync(times);
}
