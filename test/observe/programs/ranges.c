// SPDX-License-Identifier: Apache-2.0
// By its length, and by fallocate(2).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "changes.h"

static void grow_first(void) {
  const int fd = create(0);
  MUST(ftruncate(fd, SIZE));
  for (off_t at = 0; at < SIZE; at += 1 << 16) put_at(fd, data + at, 1 << 16, at);
  close(fd);
}

static void allocate_first(int mode) {
  const int fd = create(0);
  MUST(fallocate(fd, mode, 0, SIZE));
  put(fd, data, SIZE);
  close(fd);
}

static void preallocate(void) { allocate_first(FALLOC_FL_KEEP_SIZE); }

static void preallocate_and_grow(void) { allocate_first(0); }

static void shrink(void) {
  const int fd = create_full();
  MUST(ftruncate(fd, SIZE / 2 + 5));
  close(fd);
}

static void shrink_and_grow(void) {
  const int fd = create_full();
  MUST(ftruncate(fd, SIZE / 2));
  MUST(ftruncate(fd, SIZE));
  close(fd);
}

static void shrink_and_write(void) {
  const int fd = create_full();
  MUST(ftruncate(fd, SIZE / 2));
  put_at(fd, data + 5, SIZE / 2, SIZE / 2);
  close(fd);
}

static void grow(void) {
  const int fd = create_full();
  MUST(ftruncate(fd, SIZE + 5000));
  close(fd);
}

static void to_nothing_and_again(void) {
  const int fd = create_full();
  MUST(ftruncate(fd, 0));
  put_at(fd, data + 11, SIZE / 2, 0);
  close(fd);
}

static void change_range(int mode, off_t offset, off_t length) {
  const int fd = create_full();
  if (fallocate(fd, mode, offset, length) < 0 && errno == EOPNOTSUPP) unsupported();
  close(fd);
}

static void punch(void) { change_range(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 8192, 8192); }

static void punch_in_page(void) { change_range(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, 200); }

static void zero_range(void) { change_range(FALLOC_FL_ZERO_RANGE, 8192, 8192); }

static void collapse(void) { change_range(FALLOC_FL_COLLAPSE_RANGE, 8192, 8192); }

static void insert(void) { change_range(FALLOC_FL_INSERT_RANGE, 8192, 8192); }

const struct change ranges[] = {
    {"grow-first", VALUE, grow_first},
    {"preallocate", VALUE, preallocate},
    {"preallocate-and-grow", VALUE, preallocate_and_grow},
    {"shrink", TRUNCATED, shrink},
    {"shrink-and-grow", TRUNCATED, shrink_and_grow},
    {"shrink-and-write", TRUNCATED, shrink_and_write},
    {"grow", GAPS, grow},
    {"to-nothing-and-again", VALUE, to_nothing_and_again},
    {"punch", FALLOCATED, punch},
    {"punch-in-page", FALLOCATED, punch_in_page},
    {"zero-range", FALLOCATED, zero_range},
    {"collapse", FALLOCATED, collapse},
    {"insert", FALLOCATED, insert},
    {0},
};
