// SPDX-License-Identifier: Apache-2.0
// What a C program would do to move a file and have its Adler-32, timed by itself, and the peers of all that do:
//
//   transfer send PORT FILE                     connects to this machine's PORT and sends the file
//   transfer drain PORT WAKE                    connects and reads to the end
//   transfer put HOW BUFFER RESERVE FILE SINK   receives the file from a child over TCP into SINK
//   transfer copy HOW BUFFER RESERVE FILE SINK
//   transfer get HOW BUFFER WAKE FILE           sends the file to a child
//
// HOW is read (read, sum with libdeflate, write: the classic loop), splice (splice, then read back and sum what was
// stored), plain (splice or sendfile, no sum) or nonblocking (as plain, and poll where a blocking call would wait; get
// only). BUFFER is how many bytes a call asks for, RESERVE how many are set aside in SINK at once (0: none), WAKE how
// many wake up who drains (SO_RCVLOWAT; 1 is what a socket begins with). Prints bytes, value in decimal, and
// nanoseconds of wall-clock, user and system time from the connection on.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stopwatch.h"

// What the peers ask for.
enum { WINDOW = 1 << 20 };

struct buffer {
  char* data;
  size_t size;
};

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static struct sockaddr_in loopback(int port) {
  return (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int open_file(const char* path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail(path);
  return fd;
}

// Its pages are there before the clock runs.
static struct buffer buffer_of(size_t size) {
  char* data = aligned_alloc(4096, size);
  if (data == NULL) fail("aligned_alloc");
  memset(data, 1, size);
  return (struct buffer){data, size};
}

// Waits where the socket is full: in the call, or in poll if the socket is not to block.
static void send_all(int to, int from, size_t step) {
  ssize_t sent;
  while ((sent = sendfile(to, from, NULL, step)) != 0) {
    if (sent > 0) continue;
    if (errno != EAGAIN) fail("sendfile");
    struct pollfd full = {.fd = to, .events = POLLOUT};
    if (poll(&full, 1, -1) < 0) fail("poll");
  }
}

static void drain_all(int from, int wake) {
  if (setsockopt(from, SOL_SOCKET, SO_RCVLOWAT, &wake, sizeof(wake)) < 0) fail("SO_RCVLOWAT");
  const struct buffer buffer = buffer_of(WINDOW);
  ssize_t got;
  while ((got = read(from, buffer.data, buffer.size)) > 0) {
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
static int peer(const char* path, int wake) {
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
      send_all(fd, open_file(path), WINDOW);
    } else {
      drain_all(fd, wake);
    }
    _exit(0);
  }
  const int fd = accept(listener, NULL, NULL);
  if (fd < 0) fail("accept");
  return fd;
}

// A file in which blocks are set aside ahead of what is stored, many at once.
struct sink {
  int fd;
  off_t length, step, reserved;
};

static void reserve(struct sink* sink, off_t end) {
  while (sink->step > 0 && sink->reserved < end) {
    const off_t rest = sink->length - sink->reserved, next = rest < sink->step ? rest : sink->step;
    if (next <= 0) return;
    if (fallocate(sink->fd, FALLOC_FL_KEEP_SIZE, sink->reserved, next) < 0) fail("fallocate");
    sink->reserved += next;
  }
}

static void write_all(int fd, const char* data, size_t length) {
  for (size_t at = 0; at < length;) {
    const ssize_t put = write(fd, data + at, length - at);
    if (put < 0) fail("write");
    at += (size_t)put;
  }
}

static uint64_t by_read(int from, struct sink* to, struct buffer buffer, uint32_t* value) {
  uint64_t bytes = 0;
  ssize_t got;
  while ((got = read(from, buffer.data, buffer.size)) > 0) {
    *value = libdeflate_adler32(*value, buffer.data, (size_t)got);
    reserve(to, (off_t)bytes + got);
    write_all(to->fd, buffer.data, (size_t)got);
    bytes += (uint64_t)got;
  }
  if (got < 0) fail("read");
  return bytes;
}

// Into a file, and back for the sum while it is in the cache.
static uint64_t by_splice(int from, struct sink* to, struct buffer buffer, uint32_t* value) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) fail("pipe2");
  fcntl(ends[0], F_SETPIPE_SZ, WINDOW);
  loff_t stored = 0, summed = 0;
  ssize_t got;
  while ((got = splice(from, NULL, ends[1], NULL, WINDOW, SPLICE_F_MOVE)) > 0) {
    reserve(to, stored + got);
    while (got > 0) {
      const ssize_t put = splice(ends[0], NULL, to->fd, &stored, (size_t)got, SPLICE_F_MOVE);
      if (put <= 0) fail("splice");
      got -= put;
    }
    while (value && summed < stored) {
      const size_t rest = (size_t)(stored - summed);
      const ssize_t read_back = pread(to->fd, buffer.data, rest < buffer.size ? rest : buffer.size, summed);
      if (read_back <= 0) fail("pread");
      *value = libdeflate_adler32(*value, buffer.data, (size_t)read_back);
      summed += read_back;
    }
  }
  if (got < 0) fail("splice");
  return (uint64_t)stored;
}

static uint64_t get(const char* how, int from, int to, struct buffer buffer, uint32_t* value) {
  if (strcmp(how, "read") == 0) return by_read(from, &(struct sink){.fd = to}, buffer, value);
  if (strcmp(how, "nonblocking") == 0) fcntl(to, F_SETFL, O_NONBLOCK);
  send_all(to, from, buffer.size);
  return (uint64_t)lseek(from, 0, SEEK_CUR);
}

static uint64_t store(const char* how, int from, struct sink* to, struct buffer buffer, uint32_t* value) {
  if (strcmp(how, "read") == 0) return by_read(from, to, buffer, value);
  return by_splice(from, to, buffer, strcmp(how, "plain") == 0 ? NULL : value);
}

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const char* what = argv[1];
  if (strcmp(what, "send") == 0) {
    send_all(connect_to(atoi(argv[2])), open_file(argv[3]), WINDOW);
    return 0;
  }
  if (strcmp(what, "drain") == 0) {
    drain_all(connect_to(atoi(argv[2])), atoi(argv[3]));
    return 0;
  }
  const int gets = strcmp(what, "get") == 0;
  if (argc != (gets ? 6 : 7)) return 2;
  const char *how = argv[2], *path = argv[5];
  const struct buffer buffer = buffer_of((size_t)atol(argv[3]));
  const int from = strcmp(what, "put") == 0 ? peer(path, 0) : open_file(path);
  const int to = gets ? peer(NULL, atoi(argv[4])) : open(argv[6], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (to < 0) fail(argv[6]);
  struct stat whole;
  if (stat(path, &whole) < 0) fail(path);
  struct sink sink = {.fd = to, .length = whole.st_size, .step = atol(argv[4])};

  uint32_t value = 1;
  const struct stopwatch begin = now();
  const uint64_t bytes = gets ? get(how, from, to, buffer, &value) : store(how, from, &sink, buffer, &value);
  const struct stopwatch end = now();
  close(to);
  wait(NULL);
  report(begin, end, bytes, value);
  return 0;
}
