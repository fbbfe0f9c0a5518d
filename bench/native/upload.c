// SPDX-License-Identifier: Apache-2.0
// A client of HTTP that costs next to nothing:
//
//   SLUICE_UPLOAD_FOLDER=FOLDER upload PORT FILE COUNT CONNECTIONS
//
// PUTs the file to /FOLDER/0, /FOLDER/1, ... /FOLDER/COUNT-1 on this machine's PORT, over as many connections at once,
// one request after the other on each. The folder is a secret of the server's, which arguments are not. Prints bytes,
// 0, and nanoseconds of wall-clock, user and system time. Fails unless every answer is a 2xx without a body.
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static int connect_to(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(fd, (const struct sockaddr*)&address, sizeof(address)) < 0) fail("connect");
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  return fd;
}

static void read_answer(int fd) {
  char answer[4096];
  size_t have = 0;
  do {
    const ssize_t got = read(fd, answer + have, sizeof(answer) - 1 - have);
    if (got <= 0) fail("answer");
    have += (size_t)got;
    answer[have] = 0;
  } while (!strstr(answer, "\r\n\r\n") && have < sizeof(answer) - 1);
  if (strncmp(answer, "HTTP/1.1 2", 10) != 0) {
    fprintf(stderr, "%s\n", answer);
    exit(1);
  }
}

static void put(int fd, int file, off_t size, const char* folder, int name) {
  char head[256];
  const int length =
      snprintf(head, sizeof(head), "PUT /%s/%d HTTP/1.1\r\nHost: localhost\r\nContent-Length: %ld\r\n\r\n", folder,
               name, (long)size);
  if (length >= (int)sizeof(head)) exit(2);
  if (send(fd, head, (size_t)length, MSG_MORE) != length) fail("send");
  for (off_t at = 0; at < size;) {
    if (sendfile(fd, file, &at, 1 << 20) <= 0) fail("sendfile");
  }
  read_answer(fd);
}

int main(int argc, char** argv) {
  const char* folder = getenv("SLUICE_UPLOAD_FOLDER");
  if (argc != 5 || !folder) return 2;
  const int port = atoi(argv[1]), count = atoi(argv[3]), connections = atoi(argv[4]);
  const int file = open(argv[2], O_RDONLY | O_CLOEXEC);
  struct stat stat;
  if (file < 0 || fstat(file, &stat) < 0) fail(argv[2]);
  const uint64_t begin = now_ns();
  for (int each = 0; each < connections; each++) {
    if (fork() == 0) {
      const int fd = connect_to(port);
      for (int name = each; name < count; name += connections) put(fd, file, stat.st_size, folder, name);
      _exit(0);
    }
  }
  int failed = 0, status;
  while (wait(&status) > 0) failed |= status != 0;
  struct rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  const uint64_t wall = now_ns() - begin;
  printf("%lld 0 %llu %llu %llu\n", (long long)stat.st_size * count, (unsigned long long)wall,
         (unsigned long long)usage.ru_utime.tv_sec * 1000000000 + (unsigned long long)usage.ru_utime.tv_usec * 1000,
         (unsigned long long)usage.ru_stime.tv_sec * 1000000000 + (unsigned long long)usage.ru_stime.tv_usec * 1000);
  return failed;
}
