"""Holds the stream that a program relays to and from, tells that program twice to go on, and prints what it says to that.
Before, in between and after it prints whether the stream blocks. python3 holding-stream.py COMMAND...
"""

import fcntl, os, socket, subprocess, sys, time

stream, peer = socket.socketpair()
silent, quiet = socket.socketpair()
given = [stream.fileno(), silent.fileno()]


def blocks():
  return not fcntl.fcntl(stream, fcntl.F_GETFL) & os.O_NONBLOCK


def go_on():
  child.stdin.write(b'go on')
  child.stdin.flush()
  print(child.stdout.readline().decode().strip())
  print(blocks())


print(blocks())
pipe = subprocess.PIPE
child = subprocess.Popen(sys.argv[1:] + [str(fd) for fd in given], pass_fds=given, stdin=pipe, stdout=pipe)
while blocks():  # until the second relay has it
  time.sleep(0.01)
peer.sendall(b'12345')
go_on()
go_on()
