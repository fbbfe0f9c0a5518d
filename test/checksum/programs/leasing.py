"""Holds the write lease of a file until its input ends; prints `leased` before. python3 leasing.py FILE"""

import fcntl, os, signal, sys

signal.signal(signal.SIGIO, signal.SIG_IGN) # somebody else wants to open the file
fd = os.open(sys.argv[1], os.O_RDWR)
fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print('leased', flush=True)
sys.stdin.read()
