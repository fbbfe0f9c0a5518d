// SPDX-License-Identifier: Apache-2.0
// By write(2) and its relatives: in what pieces, in what order, from what memory.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "changes.h"
#include "ring.h"

enum { PIECE = 8192 };

static void empty(void) { close(create(0)); }

static void at_once(void) { close(create_full()); }

static void a_few_bytes(void) {
  const int fd = create(0);
  put(fd, data, 40);
  close(fd);
}

static void odd_pieces(void) {
  const int fd = create(0);
  for (size_t at = 0; at < SIZE; at += 1000) put(fd, data + at, SIZE - at < 1000 ? SIZE - at : 1000);
  close(fd);
}

static void backwards(void) {
  const int fd = create(0);
  for (off_t at = SIZE - PIECE; at >= 0; at -= PIECE) put_at(fd, data + at, PIECE, at);
  close(fd);
}

static void three_strides(void) {
  const int fd = create(0);
  for (off_t first = 0; first < 3 * PIECE; first += PIECE)
    for (off_t at = first; at + PIECE <= SIZE; at += 3 * PIECE) put_at(fd, data + at, PIECE, at);
  close(fd);
}

static int shared;

static void* write_half(void* half) {
  const off_t start = half ? SIZE / 2 : 0;
  for (off_t at = start; at < start + SIZE / 2; at += PAGE) put_at(shared, data + at, PAGE, at);
  return NULL;
}

static void two_threads(void) {
  pthread_t threads[2];
  shared = create(0);
  for (long i = 0; i < 2; i++) pthread_create(&threads[i], NULL, write_half, (void*)i);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  close(shared);
}

static void hole(void) {
  const int fd = create(0);
  put(fd, data, 5000);
  put_at(fd, data, 5000, 100000);
  close(fd);
}

static void overlap(void) {
  const int fd = create_full();
  put_at(fd, data + 999, 3000, 40000);
  close(fd);
}

static void over_its_end(void) {
  const int fd = create_full();
  put_at(fd, data + 7, PIECE, SIZE - PIECE / 2);
  close(fd);
}

static void append_later(void) {
  close(create_full());
  pause_for_test();
  const int fd = (int)MUST(open(path, O_WRONLY | O_APPEND));
  put(fd, data, 777);
  close(fd);
}

static void rewrite(void) {
  close(create_full());
  pause_for_test();
  const int fd = create(0);
  put(fd, data + 7, SIZE / 2);
  close(fd);
}

// All of it once more, at the same length: the runs hold it twice.
static void overwrite(void) {
  const int fd = create_full();
  put_at(fd, data + 7, SIZE, 0);
  close(fd);
}

static void direct(void) {
  const int fd = create_full();
  close(fd);
  unsigned char* aligned = aligned_alloc(PAGE, PIECE);
  memcpy(aligned, data + 33, PIECE);
  const int past_cache = open(path, O_WRONLY | O_DIRECT);
  if (past_cache < 0) unsupported();
  put_at(past_cache, aligned, PIECE, 2 * PIECE);
  close(past_cache);
}

static void direct_from_start(void) {
  unsigned char* aligned = aligned_alloc(PAGE, SIZE);
  memcpy(aligned, data, SIZE);
  const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_DIRECT, 0644);
  if (fd < 0) {
    at_once();
    unsupported();
  }
  put(fd, aligned, SIZE);
  close(fd);
}

// The third page of what is to be written is not there: the copy breaks off.
static void short_copy(void) {
  const int fd = create(0);
  unsigned char* memory = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(memory, data, 2 * PAGE);
  MUST(mprotect(memory + 2 * PAGE, PAGE, PROT_NONE));
  const ssize_t written = write(fd, memory + 100, 3 * PAGE - 100);
  if (written > 0) put_at(fd, data, SIZE - written, written);
  close(fd);
}

// What is to be written is a file that no page table knows yet.
static void cold_memory(void) {
  const int source = (int)MUST(open(beside(".source"), O_RDWR | O_CREAT | O_TRUNC, 0644));
  put(source, data, SIZE);
  void* memory = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, source, 0);
  const int fd = create(0);
  put(fd, memory, 16000);
  put(fd, (char*)memory + 16000, SIZE - 16000);
  close(fd);
  unlink(beside(".source"));
}

static struct io_uring_sqe write_of(int fd, size_t start, size_t length) {
  return (struct io_uring_sqe){
      .opcode = IORING_OP_WRITE, .fd = fd, .addr = (unsigned long)(data + start), .len = length, .off = start};
}

static void io_uring(void) {
  struct ring ring;
  const int fd = create(0);
  if (ring_open(&ring) < 0) {
    put(fd, data, SIZE);
    unsupported();
  }
  for (size_t at = 0; at < SIZE; at += SIZE / 4) {
    ring_put(&ring, write_of(fd, at, SIZE / 4));
    ring_enter(&ring, 1, 1);
  }
  ring_put(&ring, (struct io_uring_sqe){.opcode = IORING_OP_CLOSE, .fd = fd});
  ring_enter(&ring, 1, 1);
}

// All at once, in no order but that the file is closed last; and by nobody, for the process is killed at once.
static void io_uring_killed(void) {
  struct ring ring;
  const pid_t child = (pid_t)MUST(fork());
  if (child == 0) {
    const int fd = create(0);
    if (ring_open(&ring) < 0) _exit(1);
    for (size_t at = 0; at < SIZE; at += SIZE / 4) {
      struct io_uring_sqe write = write_of(fd, at, SIZE / 4);
      write.flags = IOSQE_ASYNC;
      ring_put(&ring, write);
    }
    ring_enter(&ring, 4, 0);
    kill(getpid(), SIGKILL);
  }
  int status;
  MUST(waitpid(child, &status, 0));
  if (WIFSIGNALED(status)) return;
  at_once();
  unsupported();
}

const struct change writes[] = {
    {"empty", UNSEEN, empty},
    {"at-once", VALUE, at_once},
    {"a-few-bytes", VALUE, a_few_bytes},
    {"odd-pieces", VALUE, odd_pieces},
    {"backwards", VALUE, backwards},
    {"three-strides", VALUE, three_strides},
    {"two-threads", VALUE, two_threads},
    {"hole", GAPS, hole},
    {"overlap", GAPS, overlap},
    {"over-its-end", GAPS, over_its_end},
    {"append-later", VALUE, append_later},
    {"rewrite", VALUE, rewrite},
    {"overwrite", GAPS, overwrite},
    {"direct", DIRECT, direct},
    {"direct-from-start", DIRECT, direct_from_start},
    {"short-copy", VALUE, short_copy},
    {"cold-memory", VALUE, cold_memory},
    {"io-uring", VALUE, io_uring},
    {"io-uring-killed", ANY, io_uring_killed},
    {0},
};
