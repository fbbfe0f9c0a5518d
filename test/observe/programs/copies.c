// SPDX-License-Identifier: Apache-2.0
// From another file or a pipe, without the bytes ever being a program's.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "changes.h"

static int source(void) {
  const int fd = (int)MUST(open(beside(".source"), O_RDWR | O_CREAT | O_TRUNC, 0644));
  put(fd, data, SIZE);
  MUST(fsync(fd));
  MUST(lseek(fd, 0, SEEK_SET));
  MUST(unlink(beside(".source")));
  return fd;
}

static void copy_range(void) {
  const int from = source(), fd = create(0);
  for (ssize_t left = SIZE; left > 0;) left -= MUST(copy_file_range(from, NULL, fd, NULL, left, 0));
  close(fd);
}

static void clone(void) {
  const int from = source(), fd = create(0);
  if (ioctl(fd, FICLONE, from) < 0) {
    put(fd, data, SIZE);
    unsupported();
  }
  close(fd);
}

static void clone_over(void) {
  const int from = source(), fd = create(0);
  put(fd, data + 3, SIZE);
  if (ioctl(fd, FICLONE, from) < 0) unsupported();
  close(fd);
}

// Some blocks of a file become another's.
static void clone_range(void) {
  const int from = source(), fd = create(0);
  struct file_clone_range range = {
      .src_fd = from, .src_offset = SIZE / 2, .src_length = SIZE / 4, .dest_offset = SIZE / 4};
  put(fd, data + 3, SIZE);
  if (ioctl(fd, FICLONERANGE, &range) < 0) unsupported();
  close(fd);
}

// What is there stays as it is.
static void dedupe(void) {
  const int from = source(), fd = create_full();
  struct {
    struct file_dedupe_range range;
    struct file_dedupe_range_info to;
  } same = {{.src_length = SIZE, .dest_count = 1}, {.dest_fd = fd}};
  MUST(fsync(fd));
  ioctl(from, FIDEDUPERANGE, &same);
  close(fd);
}

static void send(void) {
  const int from = source(), fd = create(0);
  for (ssize_t left = SIZE; left > 0;) left -= MUST(sendfile(fd, from, NULL, left));
  close(fd);
}

static void splice_in(void) {
  int ends[2];
  const int fd = create(0);
  MUST(pipe(ends));
  for (size_t at = 0; at < SIZE; at += 1 << 16) {
    struct iovec piece = {data + at, 1 << 16};
    for (ssize_t left = MUST(vmsplice(ends[1], &piece, 1, 0)); left > 0;)
      left -= MUST(splice(ends[0], NULL, fd, NULL, left, SPLICE_F_MOVE));
  }
  close(fd);
}

// ext4 gives each of two files the other's blocks.
static void move_extents(void) {
  const int other = source(), fd = create(0);
  put(fd, data + 3, SIZE);
  MUST(fsync(fd));
  struct {
    uint32_t reserved, donor;
    uint64_t from, to, blocks, moved;
  } move = {.donor = fd, .blocks = SIZE / PAGE};
  if (ioctl(other, _IOWR('f', 15, typeof(move)), &move) < 0) unsupported();
  close(fd);
}

// xfs does so with all blocks of two files that are as long as each other, if the one is as its caller saw it last.
static void swap_extents(void) {
  const int other = source(), fd = create(0);
  put(fd, data + 3, SIZE);
  MUST(fsync(fd));
  struct stat seen;
  MUST(fstat(fd, &seen));
  struct {
    int64_t version, target, other, offset, length;
    char unused[16];
    struct {
      char unread[56];
      struct timespec changed, status_changed;
      char unread_too[48];
    } target_seen;
  } swap = {.target = fd, .other = other, .length = SIZE, .target_seen = {.changed = seen.st_mtim, .status_changed = seen.st_ctim}};
  if (ioctl(fd, _IOWR('X', 109, typeof(swap)), &swap) < 0) unsupported();
  close(fd);
}

// xfs since 6.10.
static void exchange_range(void) {
  const int other = source(), fd = create(0);
  put(fd, data + 3, SIZE);
  struct {
    int32_t other;
    uint32_t unused;
    uint64_t from, to, length, flags;
  } exchange = {.other = other, .from = SIZE / 2, .to = SIZE / 4, .length = SIZE / 4};
  if (ioctl(fd, _IOW('X', 129, typeof(exchange)), &exchange) < 0) unsupported();
  close(fd);
}

const struct change copies[] = {
    {"copy-file-range", VALUE, copy_range},
    {"clone", CLONED, clone},
    {"clone-over", CLONED, clone_over},
    {"clone-range", CLONED, clone_range},
    {"dedupe", VALUE, dedupe},
    {"move-extents", CLONED, move_extents},
    {"swap-extents", CLONED, swap_extents},
    {"exchange-range", CLONED, exchange_range},
    {"sendfile", VALUE, send},
    {"splice", VALUE, splice_in},
    {0},
};
