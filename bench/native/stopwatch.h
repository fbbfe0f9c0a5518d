// SPDX-License-Identifier: Apache-2.0
// What all programs here end with: how long it took, in the line that lib/measure/programs.ts reads.
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

struct stopwatch {
  struct timespec wall;
  struct rusage cpu;
};

static inline struct stopwatch now(void) {
  struct stopwatch at;
  getrusage(RUSAGE_SELF, &at.cpu);
  clock_gettime(CLOCK_MONOTONIC, &at.wall);
  return at;
}

static inline long long nanoseconds(struct timeval from, struct timeval to) {
  return (to.tv_sec - from.tv_sec) * 1000000000LL + (to.tv_usec - from.tv_usec) * 1000LL;
}

// Prints bytes, value in decimal, and nanoseconds of wall-clock, user and system time.
static inline void report(struct stopwatch begin, struct stopwatch end, uint64_t bytes, uint32_t value) {
  printf("%llu %u %lld %lld %lld\n", (unsigned long long)bytes, value,
         (end.wall.tv_sec - begin.wall.tv_sec) * 1000000000LL + (end.wall.tv_nsec - begin.wall.tv_nsec),
         nanoseconds(begin.cpu.ru_utime, end.cpu.ru_utime), nanoseconds(begin.cpu.ru_stime, end.cpu.ru_stime));
}
