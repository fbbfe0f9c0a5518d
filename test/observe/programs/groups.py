"""Takes as many groups of fanotify as its user may have. python3 groups.py

Prints `all taken`, and keeps them until its standard input ends.
"""

import ctypes, errno, resource, sys

libc = ctypes.CDLL(None, use_errno=True)
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
while libc.fanotify_init(0x200 | 0x400, 0) >= 0: # FAN_REPORT_FID, FAN_REPORT_DIR_FID
  pass
if ctypes.get_errno() != errno.EMFILE:
  sys.exit(f'fanotify_init: {errno.errorcode[ctypes.get_errno()]}')
print('all taken', flush=True)
sys.stdin.read()
