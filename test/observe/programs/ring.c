// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "ring.h"

#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "changes.h"

int ring_open(struct ring* ring) {
  struct io_uring_params params = {0};
  ring->fd = (int)syscall(SYS_io_uring_setup, 8, &params);
  if (ring->fd < 0) return -1;
  const int both = PROT_READ | PROT_WRITE;
  char* queue = mmap(NULL, params.sq_off.array + params.sq_entries * sizeof(unsigned), both, MAP_SHARED, ring->fd,
                     IORING_OFF_SQ_RING);
  ring->entries =
      mmap(NULL, params.sq_entries * sizeof *ring->entries, both, MAP_SHARED, ring->fd, IORING_OFF_SQES);
  ring->tail = (unsigned*)(queue + params.sq_off.tail);
  ring->array = (unsigned*)(queue + params.sq_off.array);
  ring->mask = *(unsigned*)(queue + params.sq_off.ring_mask);
  return 0;
}

void ring_put(struct ring* ring, struct io_uring_sqe operation) {
  const unsigned at = *ring->tail & ring->mask;
  ring->entries[at] = operation;
  ring->array[at] = at;
  __atomic_store_n(ring->tail, *ring->tail + 1, __ATOMIC_RELEASE);
}

void ring_enter(struct ring* ring, unsigned begin, unsigned wait) {
  MUST(syscall(SYS_io_uring_enter, ring->fd, begin, wait, IORING_ENTER_GETEVENTS, NULL, 0));
}
