/* A store that no lease, no open file and no mapping tells of: io_uring keeps the pages of a file pinned, as a registered
   buffer, after the mapping is gone and the file closed. Prints `pinned`, or why it can't be done; after each line of its
   input it overwrites the first page of the file, and prints `stored`. usage: pinned-buffer FILE */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { SIZE = 4 << 20, PAGE = 4096 };

static int give_up(const char *what) {
  printf("%s: %s\n", what, strerror(errno));
  return 1;
}

int main(int count, char **arguments) {
  int file = open(arguments[count - 1], O_RDWR);
  void *memory = mmap(0, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (memory == MAP_FAILED) return give_up("mmap");
  struct io_uring_params params = {0};
  int ring = syscall(SYS_io_uring_setup, 1, &params);
  if (ring < 0) return give_up("io_uring_setup");
  struct iovec buffer = {memory, SIZE};
  if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &buffer, 1) < 0) return give_up("register");
  int shared = PROT_READ | PROT_WRITE;
  char *queue = mmap(0, params.sq_off.array + params.sq_entries * 4, shared, MAP_SHARED, ring, IORING_OFF_SQ_RING);
  struct io_uring_sqe *entry = mmap(0, sizeof *entry, shared, MAP_SHARED, ring, IORING_OFF_SQES);
  munmap(memory, SIZE);
  close(file);
  puts("pinned");
  fflush(stdout);

  int bytes = open("/dev/urandom", O_RDONLY);
  while (getchar() != EOF) {
    memset(entry, 0, sizeof *entry);
    entry->opcode = IORING_OP_READ_FIXED;
    entry->fd = bytes;
    entry->addr = (unsigned long)memory;
    entry->len = PAGE;
    __atomic_add_fetch((unsigned *)(queue + params.sq_off.tail), 1, __ATOMIC_RELEASE);
    if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, 0, 0) != 1) return give_up("enter");
    puts("stored");
    fflush(stdout);
  }
  return 0;
}
