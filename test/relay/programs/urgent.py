"""
Sends two urgent bytes, and after each of them the word `after` so many times. python3 urgent.py PORT TIMES
"""

import socket, sys

peer = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
peer.sendall(b'before' * 1000)
for _ in range(2):
  peer.send(b'!', socket.MSG_OOB)
  peer.sendall(b'after' * int(sys.argv[2]))
