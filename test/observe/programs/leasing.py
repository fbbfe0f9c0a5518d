"""Takes a write lease on a file, and says what becomes of it. python3 leasing.py FILE

Prints `leased`; `asked` when the kernel asks for it; then gives it back when a line is read, and prints `given`.
"""

import fcntl, os, signal, sys

def asked(*_):
  print('asked', flush=True)

signal.signal(signal.SIGIO, asked)
fd = os.open(sys.argv[1], os.O_RDWR)
fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print('leased', flush=True)
sys.stdin.readline()
print('given', flush=True)
fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
