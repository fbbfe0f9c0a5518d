"""Runs a command, and prints what it says and, in a line of its own, the peak of its memory in KiB. python3 peak.py COMMAND..."""

import resource, subprocess, sys

print(subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True).stdout.strip())
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
