"""Takes a write lease on a file, and says what becomes of it. python3 leasing.py FILE [BYTES]

Prints `leased`; `asked` when the kernel asks for it; then gives it back when a line is read, and prints `given`. With BYTES
it writes them under the lease, and keeps the file open until a second line is read.
"""

import fcntl, os, signal, sys

def asked(*_):
  print('asked', flush=True)

signal.signal(signal.SIGIO, asked)
fd = os.open(sys.argv[1], os.O_RDWR)
fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print('leased', flush=True)
for written in sys.argv[2:]:
  os.write(fd, written.encode())
sys.stdin.readline()
print('given', flush=True)
fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
if sys.argv[2:]:
  sys.stdin.readline()
