// SPDX-License-Identifier: Apache-2.0
// What a C program would do with a library of the distribution, timed by itself:
//
//   yardstick libdeflate|isa-l read ALGORITHM FILE BUFFER
//   yardstick libdeflate|isa-l mapped|memory ALGORITHM FILE
//
// read: into a buffer of so many bytes; mapped: through a shared mapping of all of
// it; memory: over a buffer of 512 KiB with the beginning of the file, 64 times. Prints bytes, value in decimal, and
// nanoseconds of wall-clock, user and system time.
#include <dlfcn.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stopwatch.h"

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static uint32_t deflate_crc32(uint32_t value, const void* data, size_t length) {
  return libdeflate_crc32(value, data, length);
}

static uint32_t deflate_adler32(uint32_t value, const void* data, size_t length) {
  return libdeflate_adler32(value, data, length);
}

// From the header of isa-l; the machine may have the library or not.
static uint32_t (*crc32_gzip_refl)(uint32_t value, const unsigned char* data, uint64_t length);
static unsigned int (*crc32_iscsi)(unsigned char* data, int length, unsigned int value);

static void load_isal(void) {
  void* library = dlopen("libisal.so.2", RTLD_NOW);
  if (library) {
    crc32_gzip_refl = dlsym(library, "crc32_gzip_refl");
    crc32_iscsi = dlsym(library, "crc32_iscsi");
  }
  if (!crc32_gzip_refl || !crc32_iscsi) {
    fprintf(stderr, "%s\n", dlerror());
    exit(1);
  }
}

static uint32_t isal_crc32(uint32_t value, const void* data, size_t length) {
  return crc32_gzip_refl(value, data, length);
}

static uint32_t isal_crc32c(uint32_t value, const void* data, size_t length) {
  // isa-l leaves both complements to the caller.
  return ~crc32_iscsi((unsigned char*)data, (int)length, ~value);
}

typedef uint32_t (*update_function)(uint32_t value, const void* data, size_t length);

static const struct algorithm {
  const char* library;
  const char* name;
  uint32_t init;
  update_function update;
} algorithms[] = {
    {"libdeflate", "crc32", 0, deflate_crc32},
    {"libdeflate", "adler32", 1, deflate_adler32},
    {"isa-l", "crc32", 0, isal_crc32},
    {"isa-l", "crc32c", 0, isal_crc32c},
};

enum { MEMORY_BUFFER = 512 << 10, MEMORY_PASSES = 64 };

static uint64_t read_all(int fd, void* buffer, size_t size, const struct algorithm* algorithm, uint32_t* value) {
  uint64_t bytes = 0;
  ssize_t got;
  while ((got = read(fd, buffer, size)) > 0) {
    *value = algorithm->update(*value, buffer, (size_t)got);
    bytes += (uint64_t)got;
  }
  if (got < 0) fail("read");
  return bytes;
}

static uint64_t map_all(int fd, const struct algorithm* algorithm, uint32_t* value) {
  struct stat status;
  if (fstat(fd, &status) < 0) fail("fstat");
  const size_t length = (size_t)status.st_size;
  void* memory = mmap(NULL, length, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
  if (memory == MAP_FAILED) fail("mmap");
  // A step at a time, because isa-l's lengths are ints.
  const size_t step = 64 << 20;
  for (size_t at = 0; at < length; at += step) {
    *value = algorithm->update(*value, (char*)memory + at, length - at < step ? length - at : step);
  }
  munmap(memory, length);
  return length;
}

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  const char *library = argv[1], *way = argv[2], *name = argv[3], *path = argv[4];
  const int reads = strcmp(way, "read") == 0;
  if (argc != (reads ? 6 : 5)) return 2;
  const struct algorithm* algorithm = NULL;
  for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); ++i) {
    const struct algorithm* each = &algorithms[i];
    if (strcmp(library, each->library) == 0 && strcmp(name, each->name) == 0) algorithm = each;
  }
  if (algorithm == NULL) return 2;
  if (strcmp(library, "isa-l") == 0) load_isal();
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail(path);
  const size_t size = reads ? (size_t)atol(argv[5]) : MEMORY_BUFFER;
  void* buffer = aligned_alloc(4096, size);
  if (buffer == NULL) fail("aligned_alloc");
  memset(buffer, 1, size);  // its pages are faulted in before the clock runs
  const int in_memory = strcmp(way, "memory") == 0;
  ssize_t held = 0;
  if (in_memory && (held = read(fd, buffer, MEMORY_BUFFER)) < 0) fail("read");
  algorithm->update(algorithm->init, buffer, size);  // chooses its code now, and the CPU its frequency

  const struct stopwatch begin = now();
  uint32_t value = algorithm->init;
  uint64_t bytes = 0;
  if (in_memory) {
    for (int i = 0; i < MEMORY_PASSES; ++i) {
      value = algorithm->update(value, buffer, (size_t)held);
      bytes += (uint64_t)held;
    }
  } else if (reads) {
    bytes = read_all(fd, buffer, size, algorithm, &value);
  } else {
    bytes = map_all(fd, algorithm, &value);
  }
  report(begin, now(), bytes, value);
  return 0;
}
