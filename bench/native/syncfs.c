// SPDX-License-Identifier: Apache-2.0
// Writes back all of a file system (syncfs(2), which Node.js does not have):
//
//   syncfs FOLDER
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || syncfs(fd) < 0) {
    perror(argv[1]);
    return 1;
  }
  return 0;
}
