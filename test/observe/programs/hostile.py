# Does, as fast as it can and until it is ended, what makes work for an observer that sums files when they are closed.
# usage: hostile.py FOLDER
import os
import sys

HUGE = 1 << 40
folder = os.open(sys.argv[1], os.O_RDONLY)
os.fchdir(folder)


def write(name, byte=b"x", at=0):
    fd = os.open(name, os.O_WRONLY | os.O_CREAT, 0o600)
    os.pwrite(fd, byte, at)
    os.close(fd)


def rewritten(n):
    """A byte of a file that is nearly all holes."""
    write("rewritten", b"%d" % (n % 10), HUGE - 1 - n % 7 * (1 << 37))


def truncated(n):
    """From nothing to as much as the file system takes, and back."""
    write("truncated")
    os.truncate("truncated", 8 * HUGE if n % 2 else 0)


def small(n):
    write(f"small-{n % 10000}", b"%d" % n)


def linked(n):
    """A file of many names, which is closed under each of them."""
    name = f"linked-{n % 1000}"
    write("linked-0")
    if not os.path.exists(name):
        os.link("linked-0", name)
    write(name, b"%d" % n)


def renamed(n):
    write("renamed-0")
    os.rename("renamed-0", "renamed-1")
    os.rename("renamed-1", "renamed-0")


def folders(n):
    """Names of folders, which are looked through for files."""
    if not os.path.exists("folder-0"):
        os.mkdir("folder-0")
    write("folder-0/file")
    os.rename("folder-0", "folder-1")
    os.rename("folder-1", "folder-0")


# Each ends between two of its changes.
for each in [rewritten, truncated, small, linked, renamed, folders]:
    if os.fork() == 0:
        n = 0
        parent = os.getppid()
        while os.getppid() == parent:
            each(n)
            n += 1
        os._exit(0)
sys.stdin.read()
