// SPDX-License-Identifier: Apache-2.0
// Changes a file in one of the ways that there are.
//
//   changes                       prints a line for each case: its name, and what is to become of the file
//   changes CASE FILE             makes the file; at a pause prints `pause` and waits for a line
//   changes random FILE SEED...   makes the file in one way after the other, as each seed has it
//   changes stress FOLDER SEED OPERATIONS [path]
//                                 several processes change files of the folder's in/ and out/; with `path` by
//                                 truncate(2), too
//
// Exit status 77: the file system can't do it.
#define _GNU_SOURCE
#include "changes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { UNSUPPORTED = 77 };

const char* path;
unsigned char data[SIZE + PAGE];

long must(long result, const char* what) {
  if (result >= 0) return result;
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

void unsupported(void) { exit(UNSUPPORTED); }

const char* beside(const char* suffix) {
  static char name[PAGE];
  snprintf(name, sizeof name, "%s%s", path, suffix);
  return name;
}

int create(int flags) { return (int)MUST(open(path, O_RDWR | O_CREAT | O_TRUNC | flags, 0644)); }

int create_full(void) {
  const int fd = create(0);
  put(fd, data, SIZE);
  return fd;
}

void put(int fd, const void* bytes, size_t length) {
  if (MUST(write(fd, bytes, length)) != (long)length) exit(2);
}

void put_at(int fd, const void* bytes, size_t length, off_t offset) {
  if (MUST(pwrite(fd, bytes, length, offset)) != (long)length) exit(2);
}

unsigned char* map(int fd) {
  void* memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  MUST(memory == MAP_FAILED ? -1 : 0);
  return memory;
}

void pause_for_test(void) {
  puts("pause");
  fflush(stdout);
  while (getchar() != '\n') {
  }
}

int main(int count, char** arguments) {
  const struct change* const tables[] = {writes, ranges, mappings, copies, lives};

  unsigned state = 7;
  for (size_t i = 0; i < sizeof data; i++) data[i] = (state = state * 1664525 + 1013904223) >> 24;
  if (count > 3 && strcmp(arguments[1], "random") == 0) {
    path = arguments[2];
    for (int i = 3; i < count; i++) change_at_random(strtoull(arguments[i], NULL, 10));
    return 0;
  }
  if (count > 4 && strcmp(arguments[1], "stress") == 0) {
    stress(arguments[2], strtoull(arguments[3], NULL, 10), (unsigned)atoi(arguments[4]), count > 5);
    return 0;
  }
  for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
    for (const struct change* each = tables[t]; each->name; each++) {
      if (count < 3) {
        printf("%s %s\n", each->name, each->outcome);
      } else if (strcmp(arguments[1], each->name) == 0) {
        path = arguments[2];
        each->run();
        return 0;
      }
    }
  }
  return count < 3 ? 0 : 64;
}
