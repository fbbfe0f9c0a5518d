"""
Sends pages by reference, and writes to them again and again while they are under way, until the peer ends the connection.
python3 rewriting.py sendfile|vmsplice tcp|unix PORT|PATH FILE SIZE
"""

import ctypes, mmap, os, socket, sys, threading

how, family, address, path = sys.argv[1:5]
size = int(sys.argv[5])
peer = socket.socket(socket.AF_INET if family == 'tcp' else socket.AF_UNIX)
peer.connect(('127.0.0.1', int(address)) if family == 'tcp' else address)
libc = ctypes.CDLL(None, use_errno=True)

class Part(ctypes.Structure):
  _fields_ = [('base', ctypes.c_void_p), ('length', ctypes.c_size_t)]

file = os.open(path, os.O_RDWR)
memory = mmap.mmap(file, size) if how == 'sendfile' else mmap.mmap(-1, size)
base = ctypes.addressof(ctypes.c_char.from_buffer(memory))
ctypes.memset(base, 1, size)

def rewrite():
  value = 0
  while True: # ctypes lets go of the interpreter's lock while it is in the C library
    value = (value + 1) % 256
    libc.memset(ctypes.c_void_p(base), value, ctypes.c_size_t(size))

threading.Thread(target=rewrite, daemon=True).start()
sent = 0
if how == 'sendfile':
  while sent < size:
    sent += os.sendfile(peer.fileno(), file, sent, size - sent)
else:
  reader, writer = os.pipe()
  while sent < size:
    part = Part(base + sent, min(65536, size - sent))
    got = libc.vmsplice(writer, ctypes.byref(part), ctypes.c_ulong(1), 0)
    left = got
    while left > 0:
      left -= libc.splice(reader, None, peer.fileno(), None, ctypes.c_size_t(left), 0)
    sent += got
peer.shutdown(socket.SHUT_WR)
peer.recv(1) # the rewriting goes on until all of it is measured
