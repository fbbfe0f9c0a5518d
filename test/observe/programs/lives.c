// SPDX-License-Identifier: Apache-2.0
// By which name it comes into being, and how it is closed.
#define _GNU_SOURCE
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "changes.h"

static void rename_over(void) {
  close(create_full());
  const int fd = (int)MUST(open(beside(".new"), O_RDWR | O_CREAT | O_EXCL, 0644));
  put(fd, data + 9, SIZE / 2);
  MUST(rename(beside(".new"), path));
  close(fd);
}

static int create_without_a_name(const char* name) {
  char folder[PAGE] = "", itself[64];
  strncpy(folder, path, sizeof folder - 1);
  const int fd = (int)MUST(open(dirname(folder), O_TMPFILE | O_RDWR, 0644));
  put(fd, data, SIZE);
  snprintf(itself, sizeof itself, "/proc/self/fd/%d", fd);
  MUST(linkat(AT_FDCWD, itself, AT_FDCWD, name, AT_SYMLINK_FOLLOW));
  return fd;
}

static void without_a_name_first(void) { close(create_without_a_name(path)); }

static void without_a_name_then_renamed(void) {
  const int fd = create_without_a_name(beside(".new"));
  MUST(rename(beside(".new"), path));
  pause_for_test();
  close(fd);
}

static void by_another_name(void) {
  close(create_full());
  MUST(link(path, beside(".link")));
  pause_for_test();
  const int fd = (int)MUST(open(beside(".link"), O_WRONLY));
  put_at(fd, "x", 1, 77);
  close(fd);
  unlink(beside(".link"));
}

static void closed_by_exit(void) { create_full(); }

static void closed_by_kill(int mapped) {
  int ready[2];
  char byte;
  MUST(pipe(ready));
  const pid_t child = (pid_t)MUST(fork());
  if (child == 0) {
    const int fd = create_full();
    if (mapped) map(fd)[5] ^= 1;
    MUST(write(ready[1], "", 1));
    pause();
  }
  MUST(read(ready[0], &byte, 1));
  MUST(kill(child, SIGKILL));
  MUST(waitpid(child, NULL, 0));
}

static void killed(void) { closed_by_kill(0); }

static void killed_with_a_mapping(void) { closed_by_kill(1); }

static void inherited(void) {
  int closed[2];
  char byte;
  MUST(pipe(closed));
  const int fd = create(0);
  const pid_t child = (pid_t)MUST(fork());
  if (child == 0) {
    MUST(read(closed[0], &byte, 1));
    put(fd, data + 1000, SIZE - 1000);
    _exit(0);
  }
  put(fd, data, 1000);
  close(fd);
  MUST(write(closed[1], "", 1));
  MUST(waitpid(child, NULL, 0));
}

const struct change lives[] = {
    {"rename-over", VALUE, rename_over},
    {"without-a-name-first", VALUE, without_a_name_first},
    {"without-a-name-then-renamed", VALUE, without_a_name_then_renamed},
    {"by-another-name", GAPS, by_another_name},
    {"closed-by-exit", VALUE, closed_by_exit},
    {"killed", VALUE, killed},
    {"killed-with-a-mapping", MAPPED, killed_with_a_mapping},
    {"inherited", VALUE, inherited},
    {0},
};
