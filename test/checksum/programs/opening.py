"""Has a file open for writing until its input ends; prints `open` before. python3 opening.py FILE"""

import sys

with open(sys.argv[1], 'r+b'):
  print('open', flush=True)
  sys.stdin.read()
