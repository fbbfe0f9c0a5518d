"""Makes a file `deep` in so many folders in each other, and a file `half` half-way down, where it runs. python3 deep.py DEPTH"""

import os, sys

depth = int(sys.argv[1])
for level in range(depth):
  if level == depth // 2:
    open('half', 'w').close()
  os.mkdir('d')
  os.chdir('d')
open('deep', 'w').close()
