"""
Runs a command in which a filter of system calls, as a container has one, refuses capset(2) with EPERM.
python3 without-capset.py COMMAND...
"""

import ctypes, os, platform, struct, sys

CAPSET = 91 if platform.machine() == 'aarch64' else 126
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
REFUSE, ALLOW = 0x50001, 0x7fff0000
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38

filter = b''.join(struct.pack('HBBI', *instruction) for instruction in [
  (LOAD, 0, 0, 0), # the number of the call
  (JUMP_IF_EQUAL, 0, 1, CAPSET),
  (RETURN, 0, 0, REFUSE),
  (RETURN, 0, 0, ALLOW),
])
buffer = ctypes.create_string_buffer(filter)
program = ctypes.create_string_buffer(struct.pack('HxxxxxxQ', 4, ctypes.addressof(buffer)))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, 2, program):
  raise OSError(ctypes.get_errno(), 'prctl')
os.execv(sys.argv[1], sys.argv[1:])
