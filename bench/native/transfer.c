// SPDX-License-Identifier: Apache-2.0
// What a C program would do to move a file and have its Adler-32, timed by itself, and the peers of all that do:
//
//   transfer send PORT FILE          connects to this machine's PORT and sends the file
//   transfer drain PORT              connects and reads to the end
//   transfer put HOW FILE SINK       receives the file from a child over TCP into SINK
//   transfer copy HOW FILE SINK
//   transfer get HOW FILE            sends the file to a child
//
// HOW is read (read, sum with libdeflate, write: the classic loop), splice (splice, then read back and sum what was
// stored) or plain (splice or sendfile, no sum). Prints bytes, value in decimal, and nanoseconds of wall-clock, user and
// system time from the connection on.
#define _GNU_SOURCE
#include <fcntl.h>
#include <libdeflate.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stopwatch.h"

enum { BUFFER = 256 << 10, WINDOW = 1 << 20 };

static char buffer[BUFFER] __attribute__((aligned(4096)));

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static struct sockaddr_in loopback(int port) {
  return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int open_file(const char* path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail(path);
  return fd;
}

static void send_all(int to, int from) {
  ssize_t sent;
  while ((sent = sendfile(to, from, NULL, WINDOW)) > 0) {
  }
  if (sent < 0) fail("sendfile");
}

static void drain_all(int from) {
  ssize_t got;
  while ((got = read(from, buffer, BUFFER)) > 0) {
  }
  if (got < 0) fail("drain");
}

static int connect_to(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const struct sockaddr_in address = loopback(port);
  if (connect(fd, (const struct sockaddr*)&address, sizeof(address)) < 0) fail("connect");
  return fd;
}

// A connection to a child that sends the file, or drains where there is none.
static int peer(const char* path) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = loopback(0);
  socklen_t length = sizeof(address);
  if (bind(listener, (struct sockaddr*)&address, length) < 0 || listen(listener, 1) < 0 ||
      getsockname(listener, (struct sockaddr*)&address, &length) < 0) {
    fail("listen");
  }
  if (fork() == 0) {
    const int fd = connect_to(ntohs(address.sin_port));
    if (path) {
      send_all(fd, open_file(path));
    } else {
      drain_all(fd);
    }
    _exit(0);
  }
  const int fd = accept(listener, NULL, NULL);
  if (fd < 0) fail("accept");
  return fd;
}

static void write_all(int fd, size_t length) {
  for (size_t at = 0; at < length;) {
    const ssize_t put = write(fd, buffer + at, length - at);
    if (put < 0) fail("write");
    at += (size_t)put;
  }
}

static uint64_t by_read(int from, int to, uint32_t* value) {
  uint64_t bytes = 0;
  ssize_t got;
  while ((got = read(from, buffer, BUFFER)) > 0) {
    *value = libdeflate_adler32(*value, buffer, (size_t)got);
    write_all(to, (size_t)got);
    bytes += (uint64_t)got;
  }
  if (got < 0) fail("read");
  return bytes;
}

// Into a file, and back for the sum while it is in the cache.
static uint64_t by_splice(int from, int to, uint32_t* value) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) fail("pipe2");
  fcntl(ends[0], F_SETPIPE_SZ, WINDOW);
  loff_t stored = 0, summed = 0;
  ssize_t got;
  while ((got = splice(from, NULL, ends[1], NULL, WINDOW, SPLICE_F_MOVE)) > 0) {
    while (got > 0) {
      const ssize_t put = splice(ends[0], NULL, to, &stored, (size_t)got, SPLICE_F_MOVE);
      if (put <= 0) fail("splice");
      got -= put;
    }
    while (value && summed < stored) {
      const size_t rest = (size_t)(stored - summed);
      const ssize_t read_back = pread(to, buffer, rest < BUFFER ? rest : BUFFER, summed);
      if (read_back <= 0) fail("pread");
      *value = libdeflate_adler32(*value, buffer, (size_t)read_back);
      summed += read_back;
    }
  }
  if (got < 0) fail("splice");
  return (uint64_t)stored;
}

static uint64_t transfer(const char* how, int from, int to, uint32_t* value) {
  if (strcmp(how, "read") == 0) return by_read(from, to, value);
  return by_splice(from, to, strcmp(how, "plain") == 0 ? NULL : value);
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const char* what = argv[1];
  if (strcmp(what, "send") == 0 && argc == 4) {
    send_all(connect_to(atoi(argv[2])), open_file(argv[3]));
    return 0;
  }
  if (strcmp(what, "drain") == 0) {
    drain_all(connect_to(atoi(argv[2])));
    return 0;
  }
  const int get = strcmp(what, "get") == 0;
  if (argc != (get ? 4 : 5)) return 2;
  const int from = strcmp(what, "put") == 0 ? peer(argv[3]) : open_file(argv[3]);
  const int to = get ? peer(NULL) : open(argv[4], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (to < 0) fail(argv[4]);

  uint32_t value = 1;
  uint64_t bytes;
  const struct stopwatch begin = now();
  if (get && strcmp(argv[2], "plain") == 0) {
    send_all(to, from);
    bytes = (uint64_t)lseek(from, 0, SEEK_CUR);
  } else {
    bytes = transfer(argv[2], from, to, &value);
  }
  const struct stopwatch end = now();
  close(to);
  wait(NULL);
  report(begin, end, bytes, value);
  return 0;
}
