// SPDX-License-Identifier: Apache-2.0
// What a C program would do with the kernel's own checksums, through a socket of AF_ALG (linux/if_alg.h), timed by
// itself:
//
//   af-alg splice crc32|crc32c FILE
//
// The file's pages go to the kernel's crypto by way of a pipe, and are not copied. Prints bytes, value in decimal, and
// nanoseconds of wall-clock, user and system time.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if_alg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stopwatch.h"

enum { WINDOW = 1 << 20 };

static void fail(const char* what) {
  perror(what);
  exit(1);
}

// A hash that is under way.
static int begin_hash(const char* algorithm) {
  struct sockaddr_alg address = {.salg_family = AF_ALG, .salg_type = "hash"};
  strncpy((char*)address.salg_name, algorithm, sizeof(address.salg_name) - 1);
  const int family = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (family < 0) fail("AF_ALG");
  if (bind(family, (struct sockaddr*)&address, sizeof(address)) < 0) fail(algorithm);
  // The key of a CRC is the register to begin with.
  const uint32_t ones = 0xffffffff;
  if (setsockopt(family, SOL_ALG, ALG_SET_KEY, &ones, sizeof(ones)) < 0) fail("ALG_SET_KEY");
  const int hash = accept4(family, NULL, 0, SOCK_CLOEXEC);
  if (hash < 0) fail("accept");
  return hash;
}

int main(int argc, char** argv) {
  if (argc != 4 || strcmp(argv[1], "splice") != 0) return 2;
  const int crc32 = strcmp(argv[2], "crc32") == 0;
  if (!crc32 && strcmp(argv[2], "crc32c") != 0) return 2;
  const int fd = open(argv[3], O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail(argv[3]);
  const int hash = begin_hash(argv[2]);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) fail("pipe");
  fcntl(ends[0], F_SETPIPE_SZ, WINDOW);

  const struct stopwatch begin = now();
  uint64_t bytes = 0;
  ssize_t filled;
  while ((filled = splice(fd, NULL, ends[1], NULL, WINDOW, SPLICE_F_MOVE)) > 0) {
    for (ssize_t left = filled; left > 0;) {
      const ssize_t hashed = splice(ends[0], NULL, hash, NULL, (size_t)left, SPLICE_F_MOVE | SPLICE_F_MORE);
      if (hashed <= 0) fail("splice to AF_ALG");
      left -= hashed;
    }
    bytes += (uint64_t)filled;
  }
  if (filled < 0) fail("splice");
  uint32_t value;
  if (read(hash, &value, sizeof(value)) != sizeof(value)) fail("the hash");
  const struct stopwatch end = now();
  // Of the two only crc32c's last step is the complement.
  report(begin, end, bytes, crc32 ? ~value : value);
  return 0;
}
