// SPDX-License-Identifier: Apache-2.0
// Several processes do whatever a program can do to a file, to the files that they share and to those of their own.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "changes.h"
#include "ring.h"

enum { PROCESSES = 4, SHARED = 6, OWN = 3, MOST = 40000, OTHER_OWNER = 65534 };

static uint64_t state;
static unsigned process;
static struct ring ring;

static unsigned below(unsigned limit) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(state >> 33) % limit;
}

static size_t length_of(void) { return 1 + below(below(4) ? MOST / 20 : MOST); }
static const unsigned char* some(size_t length) { return data + below(SIZE - (unsigned)length); }
static off_t somewhere(void) { return (off_t)below(SIZE); }
// A page's beginning, which the operations that move ranges want.
static off_t somewhere_even(void) { return (off_t)below(SIZE / PAGE) * PAGE; }

// One of the names: of files that all processes have, or that this one has for itself; in the tree, or beside it.
static const char* name_of(int in_tree, int shared) {
  static char names[2][64];
  static int turn;
  char* name = names[turn ^= 1];
  const char* folder = in_tree ? (below(2) ? "in/a" : "in/b") : "out";
  if (shared)
    snprintf(name, sizeof names[0], "%s/shared-%u", folder, below(SHARED));
  else
    snprintf(name, sizeof names[0], "%s/own-%u-%u", folder, process, below(OWN));
  return name;
}

static const char* any_name(void) { return name_of(below(8) != 0, below(2) != 0); }

// What fails, fails: the file is gone, or is too short, or the file system can't do it.
static long ignored;
#define TRY(call) (ignored = (long)(call))

static void append(int fd) {
  const size_t length = length_of();
  TRY(lseek(fd, 0, SEEK_END));
  TRY(write(fd, some(length), length));
}

static void rewrite(int fd) {
  TRY(ftruncate(fd, 0));
  TRY(lseek(fd, 0, SEEK_SET));
  for (unsigned left = 1 + below(8); left > 0; left--) append(fd);
}

static void write_somewhere(int fd) {
  const size_t length = length_of();
  TRY(pwrite(fd, some(length), length, somewhere()));
}

static void write_pieces(int fd) {
  struct iovec pieces[3];
  for (int i = 0; i < 3; i++) {
    const size_t length = 1 + below(5000);
    pieces[i] = (struct iovec){(void*)some(length), length};
  }
  TRY(pwritev2(fd, pieces, 3, below(2) ? -1 : somewhere(), below(2) ? RWF_APPEND : 0));
}

static void resize(int fd) { TRY(ftruncate(fd, somewhere())); }

static void allocate(int fd) {
  static const int modes[] = {0,
                              FALLOC_FL_KEEP_SIZE,
                              FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                              FALLOC_FL_ZERO_RANGE,
                              FALLOC_FL_COLLAPSE_RANGE,
                              FALLOC_FL_INSERT_RANGE};
  const int mode = modes[below(6)];
  const int moves = mode == FALLOC_FL_COLLAPSE_RANGE || mode == FALLOC_FL_INSERT_RANGE;
  TRY(fallocate(fd, mode, moves ? somewhere_even() : somewhere(), moves ? PAGE : (off_t)length_of()));
}

// What another process cuts off can't be stored to: that ends the child.
static void store(int fd) {
  const pid_t child = fork();
  if (child != 0) {
    if (child > 0) waitpid(child, NULL, 0);
    return;
  }
  struct stat seen;
  if (fstat(fd, &seen) < 0 || seen.st_size < PAGE) _exit(0);
  unsigned char* memory = mmap(NULL, (size_t)seen.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) _exit(0);
  if (below(2)) close(fd);
  for (int i = 0; i < 3; i++) memory[below((unsigned)seen.st_size)] ^= 1;
  _exit(0);
}

static void write_past_cache(int fd) {
  static unsigned char aligned[4 * PAGE] __attribute__((aligned(PAGE)));
  char itself[64];
  snprintf(itself, sizeof itself, "/proc/self/fd/%d", fd);
  const int direct = open(itself, O_WRONLY | O_DIRECT);
  if (direct < 0) return;
  const size_t length = (1 + below(4)) * (size_t)PAGE;
  memcpy(aligned, some(length), length);
  TRY(pwrite(direct, aligned, length, somewhere_even()));
  close(direct);
}

static void copy_in(int fd) {
  const int from = open(any_name(), O_RDONLY);
  off_t start = somewhere(), to = somewhere();
  if (from < 0) return;
  if (below(2)) {
    TRY(copy_file_range(from, &start, fd, &to, length_of(), 0));
  } else {
    TRY(lseek(fd, to, SEEK_SET));
    TRY(sendfile(fd, from, &start, length_of()));
  }
  close(from);
}

static void splice_in(int fd) {
  int ends[2];
  loff_t to = somewhere();
  if (pipe(ends) < 0) return;
  const ssize_t length = write(ends[1], some(MOST), length_of());
  TRY(splice(ends[0], NULL, fd, &to, (size_t)length, SPLICE_F_MOVE));
  close(ends[0]);
  close(ends[1]);
}

static void by_ring(int fd) {
  const size_t length = length_of();
  struct io_uring_sqe write = {.opcode = IORING_OP_WRITE,
                               .fd = fd,
                               .addr = (unsigned long)some(length),
                               .len = (unsigned)length,
                               .off = (uint64_t)somewhere(),
                               .flags = below(2) ? IOSQE_ASYNC : 0};
  if (ring.fd < 0) return;
  ring_put(&ring, write);
  ring_put(&ring, (struct io_uring_sqe){.opcode = IORING_OP_CLOSE, .fd = (int)dup(fd)});
  ring_enter(&ring, 2, 2);
}

static void by_another_descriptor(int fd) {
  const int other = dup(fd);
  write_somewhere(other);
  close(other);
}

// The child goes on when this process has closed the file.
static void inherit(int fd) {
  if (fork() != 0) return;
  usleep(below(3000));
  append(fd);
  _exit(0);
}

static void sync_all(int fd) { TRY(fdatasync(fd)); }

static void set_mode(int fd) { TRY(fchmod(fd, 0600 + below(0100))); }

static void give_away(int fd) {
  const uid_t owner = below(2) ? OTHER_OWNER : 0;
  TRY(fchown(fd, owner, owner));
}

static void set_attribute(int fd) { TRY(fsetxattr(fd, "user.other", some(20), 20, 0)); }

static void to_an_open_file(void) {
  static void (*const often[])(int) = {append, append, rewrite, write_pieces};
  static void (*const all[])(int) = {write_somewhere, resize,    allocate, store,    write_past_cache,
                                     copy_in,         splice_in, by_ring,  by_another_descriptor,
                                     inherit,         sync_all,  set_mode, give_away, set_attribute};
  static const int flags[] = {0, 0, O_TRUNC, O_APPEND, O_SYNC};
  const int fd = open(any_name(), O_RDWR | O_CREAT | flags[below(5)], 0644);
  if (fd < 0) return;
  for (unsigned left = 1 + below(6); left > 0; left--) {
    if (below(2))
      often[below(sizeof often / sizeof *often)](fd);
    else
      all[below(sizeof all / sizeof *all)](fd);
  }
  close(fd);
}

static void without_a_name(void) {
  const int fd = open(below(2) ? "in/a" : "in/b", O_TMPFILE | O_RDWR, 0644);
  char itself[64];
  if (fd < 0) return;
  for (unsigned left = 1 + below(6); left > 0; left--) append(fd);
  snprintf(itself, sizeof itself, "/proc/self/fd/%d", fd);
  TRY(linkat(AT_FDCWD, itself, AT_FDCWD, name_of(1, 1), AT_SYMLINK_FOLLOW));
  close(fd);
}

static void read_beside(void) {
  static unsigned char into[SIZE];
  const int fd = open(any_name(), O_RDONLY);
  if (fd < 0) return;
  TRY(read(fd, into, SIZE));
  close(fd);
}

static void give_name(void) { TRY(rename(any_name(), any_name())); }
// Of a link in the tree to what was closed before beside it nobody tells.
static void give_another_name(void) { TRY(link(name_of(1, below(2) != 0), below(4) ? name_of(1, 1) : name_of(0, 1))); }
static void take_name(void) { TRY(unlink(any_name())); }
static void move_folder(void) { TRY(renameat2(AT_FDCWD, "in/a", AT_FDCWD, "in/b", RENAME_EXCHANGE)); }

// A file of its own is not made longer by another process: raw tracepoints do not tell of that.
static void cut_by_path(void) {
  const char* name = name_of(1, 0);
  struct stat seen;
  if (stat(name, &seen) == 0 && seen.st_nlink == 1 && seen.st_size > 0)
    TRY(truncate(name, (off_t)below((unsigned)seen.st_size)));
}

static void run(unsigned operations, int by_path) {
  static void (*const others[])(void) = {without_a_name, without_a_name, read_beside, give_name,
                                         give_another_name, take_name};
  if (ring_open(&ring) < 0) ring.fd = -1;
  for (unsigned i = 0; i < operations; i++) {
    if (below(3))
      to_an_open_file();
    else if (below(40) == 0)
      move_folder();
    else if (by_path && below(6) == 0)
      cut_by_path();
    else
      others[below(sizeof others / sizeof *others)]();
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
  }
  while (wait(NULL) > 0) {
  }
}

void stress(const char* folder, uint64_t seed, unsigned operations, int by_path) {
  MUST(chdir(folder));
  for (process = 0; process < PROCESSES; process++) {
    if (MUST(fork()) != 0) continue;
    state = seed + process * 1000003u;
    run(operations, by_path);
    _exit(0);
  }
  for (;;) {
    int status;
    if (wait(&status) < 0) break;
    if (status != 0) exit(3);
  }
}
