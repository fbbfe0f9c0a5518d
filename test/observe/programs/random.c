// SPDX-License-Identifier: Apache-2.0
// Some of everything, in an order that a seed gives.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "changes.h"

static uint64_t state;

static unsigned below(unsigned limit) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(state >> 33) % limit;
}

static const unsigned char* some(size_t length) { return data + below(SIZE - (unsigned)length); }

static void append(int fd) {
  const size_t length = 1 + below(64 << 10);
  put_at(fd, some(length), length, MUST(lseek(fd, 0, SEEK_END)));
}

static void write_somewhere(int fd) {
  const size_t length = 1 + below(20000);
  put_at(fd, some(length), length, below(SIZE));
}

static void resize(int fd) { MUST(ftruncate(fd, below(SIZE))); }

static void begin_again(int fd) { MUST(ftruncate(fd, 0)); }

static void punch(int fd) {
  // Not every file system can.
  if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, below(SIZE), 1 + below(20000)) < 0) append(fd);
}

static void store(int fd) {
  const off_t length = MUST(lseek(fd, 0, SEEK_END));
  if (length < PAGE) return;
  unsigned char* memory = mmap(NULL, (size_t)length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  memory[below((unsigned)length)] ^= 1;
  munmap(memory, (size_t)length);
}

static void write_past_cache(int fd) {
  (void)fd;
  static unsigned char aligned[PAGE] __attribute__((aligned(PAGE)));
  const int direct = open(path, O_WRONLY | O_DIRECT);
  if (direct < 0) return;
  memcpy(aligned, some(PAGE), PAGE);
  put_at(direct, aligned, PAGE, (off_t)below(SIZE / PAGE) * PAGE);
  close(direct);
}

void change_at_random(uint64_t seed) {
  // What leaves a value is the most frequent, or none would ever have one.
  static void (*const often[])(int) = {append, append, append, begin_again};
  static void (*const all[])(int) = {append, write_somewhere, resize, begin_again, punch, store, write_past_cache};

  state = seed;
  const int fd = create(0);
  for (unsigned left = 1 + below(20); left > 0; left--) {
    if (below(8))
      often[below(sizeof often / sizeof *often)](fd);
    else
      all[below(sizeof all / sizeof *all)](fd);
  }
  close(fd);
}
