// A ring of io_uring, without its library.
#pragma once

#include <linux/io_uring.h>

struct ring {
  int fd;
  unsigned *tail, *array, mask;
  struct io_uring_sqe* entries;
};

// 0, or -1 where this machine lets nobody have one.
int ring_open(struct ring* ring);
// Hands over an operation. The kernel is told of it, with `enter` all at once.
void ring_put(struct ring* ring, struct io_uring_sqe operation);
// Has the kernel begin with so many operations, and waits until so many are done.
void ring_enter(struct ring* ring, unsigned begin, unsigned wait);
