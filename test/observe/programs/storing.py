"""Changes a byte of a file by way of a mapping. python3 storing.py FILE"""

import mmap, sys

with open(sys.argv[1], 'r+b') as file, mmap.mmap(file.fileno(), 0) as mapping:
  mapping[5000] ^= 7
