// SPDX-License-Identifier: Apache-2.0
// By stores to a mapping, which no call tells of.
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "changes.h"

static void stores_alone(void) {
  const int fd = create(0);
  MUST(ftruncate(fd, SIZE));
  unsigned char* memory = map(fd);
  memcpy(memory, data, SIZE);
  munmap(memory, SIZE);
  close(fd);
}

static void store(void) {
  const int fd = create_full();
  unsigned char* memory = map(fd);
  memory[5000] ^= 1;
  munmap(memory, SIZE);
  close(fd);
}

static void store_after_load(void) {
  const int fd = create_full();
  volatile unsigned char* memory = map(fd);
  (void)memory[5000];
  memory[5000] ^= 1;
  munmap((void*)memory, SIZE);
  close(fd);
}

static void store_after_sync(void) {
  const int fd = create_full();
  MUST(fsync(fd));
  unsigned char* memory = map(fd);
  memory[5000] ^= 1;
  munmap(memory, SIZE);
  close(fd);
}

// No page faults any more when the writes are through.
static void store_after_writes(void) {
  const int fd = create(0);
  MUST(ftruncate(fd, SIZE));
  unsigned char* memory = map(fd);
  for (size_t at = 0; at < SIZE; at += PAGE) memory[at] = 1;
  put(fd, data, SIZE);
  memory[9000] ^= 1;
  munmap(memory, SIZE);
  close(fd);
}

static void store_after_close(void) {
  const int fd = create_full();
  unsigned char* memory = map(fd);
  close(fd);
  pause_for_test();
  memory[9000] ^= 1;
  munmap(memory, SIZE);
}

static void of_another_descriptor(void) {
  const int fd = create_full(), other = (int)MUST(open(path, O_RDWR));
  unsigned char* memory = map(other);
  close(other);
  memory[9000] ^= 1;
  munmap(memory, SIZE);
  close(fd);
}

static void made_writable(void) {
  const int fd = create_full();
  unsigned char* memory = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
  MUST(mprotect(memory, SIZE, PROT_READ | PROT_WRITE));
  memory[9000] ^= 1;
  munmap(memory, SIZE);
  close(fd);
}

static void by_another_process(void) {
  const int fd = create_full();
  unsigned char *memory = map(fd), bytes[100] = "written into another's memory";
  struct iovec local = {bytes, sizeof bytes}, remote = {memory + 9000, sizeof bytes};
  MUST(process_vm_writev(getpid(), &local, 1, &remote, 1, 0));
  munmap(memory, SIZE);
  close(fd);
}

static void by_direct_read(void) {
  const int fd = create_full();
  unsigned char* memory = map(fd);
  const int source = (int)MUST(open(beside(".source"), O_RDWR | O_CREAT | O_TRUNC, 0644));
  put(source, data + 5, 2 * PAGE);
  MUST(fsync(source));
  const int past_cache = open(beside(".source"), O_RDONLY | O_DIRECT);
  if (past_cache >= 0) MUST(read(past_cache, memory + 2 * PAGE, 2 * PAGE));
  munmap(memory, SIZE);
  close(fd);
  unlink(beside(".source"));
  if (past_cache < 0) unsupported();
}

static void read_only(void) {
  close(create_full());
  const int fd = (int)MUST(open(path, O_RDONLY));
  volatile unsigned char* memory = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
  (void)memory[1];
  munmap((void*)memory, SIZE);
  close(fd);
}

static void private(void) {
  const int fd = create_full();
  unsigned char* memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  memory[5] ^= 1;
  munmap(memory, SIZE);
  close(fd);
}

const struct change mappings[] = {
    {"stores-alone", MAPPED, stores_alone},
    {"store", MAPPED, store},
    {"store-after-load", MAPPED, store_after_load},
    {"store-after-sync", MAPPED, store_after_sync},
    {"store-after-writes", MAPPED, store_after_writes},
    {"store-after-close", MAPPED, store_after_close},
    {"mapping-of-another-descriptor", MAPPED, of_another_descriptor},
    {"mapping-made-writable", MAPPED, made_writable},
    {"mapping-stored-to-by-another-process", MAPPED, by_another_process},
    {"mapping-stored-to-by-direct-read", MAPPED, by_direct_read},
    {"mapping-read-only", VALUE, read_only},
    {"mapping-private", VALUE, private},
    {0},
};
