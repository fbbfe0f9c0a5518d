export const KiB = 1024;
export const MiB: number = 1024 * KiB;

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A size in the largest unit of which it is a whole number: files are made in such sizes. */
export function binarySize(bytes: number): string {
  let power = 0;
  while (bytes > 0 && bytes % 1024 === 0 && power < units.length - 1) {
    bytes /= 1024;
    power += 1;
  }
  return `${bytes} ${units[power]}`;
}
