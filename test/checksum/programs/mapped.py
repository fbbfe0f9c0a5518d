"""
Stores into a file through a mapping, of which no descriptor is left, until it is ended; prints `mapped` after the first
store. python3 mapped.py FILE SIZE
"""

import ctypes, os, sys, time

path, size = sys.argv[1], int(sys.argv[2])
# Not the module mmap, which keeps a descriptor.
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
PROT_READ, PROT_WRITE, MAP_SHARED = 1, 2, 1
fd = os.open(path, os.O_RDWR)
memory = libc.mmap(None, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
os.close(fd)
ctypes.memset(memory, 1, 1)
print('mapped', flush=True)
value = 0
while True:
  value = (value + 1) % 256
  ctypes.memset(memory, value, 1)
  time.sleep(0.0001)
