"""Cuts holes into a file and stores into them through a mapping, until it is ended. python3 storing.py FILE SIZE"""

import mmap, os, random, sys

path, size = sys.argv[1], int(sys.argv[2])
print('begun', flush=True)
while True:
  fd = os.open(path, os.O_RDWR)
  if random.randrange(3) == 0:
    os.ftruncate(fd, random.randrange(100000, size))
    os.ftruncate(fd, size)
  memory = mmap.mmap(fd, size)
  for _ in range(20):
    at = random.randrange(size - 1)
    memory[at:at + 1] = b'x'
  memory.close()
  os.close(fd)
