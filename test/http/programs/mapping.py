"""Has a file mapped for writing, and changes its byte 5 for every line that it is told. python3 mapping.py FILE"""

import mmap, sys

with open(sys.argv[1], 'r+b') as file, mmap.mmap(file.fileno(), 0) as view:
  for line in sys.stdin:
    view[5] ^= 1
    print(flush=True)
