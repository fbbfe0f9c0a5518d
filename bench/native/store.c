// SPDX-License-Identifier: Apache-2.0
// What stores files without knowing of anybody who sums them:
//
//   store FOLDER COUNT BYTES BLOCK [ATTRIBUTE]
//
// Makes FOLDER/0, FOLDER/1, ... FOLDER/COUNT-1, each of so many bytes, a block a write, and closes them. Prints bytes, 0,
// and nanoseconds of wall-clock, user and system time. With an attribute it waits after each close until the file has
// one of that name, and the time is that from the closes to the attributes.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "stopwatch.h"

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static void store(const char* path, const char* block, size_t length, size_t bytes) {
  const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) fail(path);
  for (size_t left = bytes; left > 0;) {
    const ssize_t written = write(fd, block, left < length ? left : length);
    if (written <= 0) fail("write");
    left -= (size_t)written;
  }
  if (close(fd) < 0) fail("close");
}

// Asked for by its name: who opens the file would be in the way. So would who keeps a processor busy.
static void await(const char* path, const char* attribute) {
  const struct stopwatch begin = now();
  while (getxattr(path, attribute, NULL, 0) < 0) {
    if (errno != ENODATA) fail("getxattr");
    nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
    if (now().wall.tv_sec - begin.wall.tv_sec > 60) {
      fprintf(stderr, "%s has no %s after a minute\n", path, attribute);
      exit(1);
    }
  }
}

int main(int argc, char** argv) {
  if (argc < 5 || argc > 6) return 2;
  const size_t bytes = strtoull(argv[3], NULL, 10), length = strtoull(argv[4], NULL, 10);
  char* block = malloc(length);
  if (!block || chdir(argv[1]) < 0) fail(argv[1]);
  // No two blocks of a page alike, so that a sum depends on all of them.
  for (size_t i = 0; i < length; i++) block[i] = (char)(i * 2654435761u >> 13);
  prctl(PR_SET_TIMERSLACK, 1);
  struct stopwatch begin = now();
  for (int i = 0, count = atoi(argv[2]); i < count; i++) {
    char path[16];
    snprintf(path, sizeof(path), "%d", i);
    store(path, block, length, bytes);
    if (argc < 6) continue;
    if (i == 0) begin = now();
    await(path, argv[5]);
  }
  report(begin, now(), bytes * strtoull(argv[2], NULL, 10), 0);
  return 0;
}
