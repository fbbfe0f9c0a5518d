# Writes a file under a write lease, and says at the end whether anybody asked for it back.
import fcntl
import os
import signal
import sys

asked = []
signal.signal(signal.SIGIO, lambda *_: asked.append(True))
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT, 0o644)
fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
for piece in range(5):
    os.write(fd, bytes([piece]) * 1_000_003)
held = fcntl.fcntl(fd, fcntl.F_GETLEASE) == fcntl.F_WRLCK
os.close(fd)
print("kept" if held and not asked else "broken")
