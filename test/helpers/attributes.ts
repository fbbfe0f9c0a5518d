import { setAttribute } from '../../lib/files/xattr/attributes.js';

/** Leaves no byte for attributes of a file, nor for those that it has to grow. */
export async function fillAttributes(fd: number): Promise<void> {
  const fits = (n: number, size: number) =>
    setAttribute(fd, `user.fill${n}`, Buffer.alloc(size)).then(
      () => true,
      () => false,
    );
  const sizes: number[] = [];
  for (let size = 4096; size >= 1; ) {
    if (await fits(sizes.length, size)) sizes.push(size);
    else size = Math.floor(size / 2);
  }
  for (const [n, size] of sizes.entries()) {
    for (let more = size + 1; await fits(n, more); ) more += 1;
  }
}
