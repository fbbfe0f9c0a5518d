/* Preloaded: an allocation of one of Sluice's own threads fails. Which one is in the file that FAIL_MALLOC names, as a
   number that counts down in memory: the one that finds a 1 there fails, and 0 is left. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static int *left;
static __thread int ours = -1;

__attribute__((constructor)) static void open_count(void) {
  int fd = open(getenv("FAIL_MALLOC"), O_RDWR | O_CLOEXEC);
  void *memory = mmap(0, sizeof *left, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) abort();
  left = memory;
}

static int fails(void) {
  if (!left || __atomic_load_n(left, __ATOMIC_RELAXED) <= 0) return 0;
  if (ours < 0) {
    char name[16] = "";
    prctl(PR_GET_NAME, name);
    ours = strncmp(name, "sluice", 6) == 0;
  }
  if (!ours || __atomic_fetch_sub(left, 1, __ATOMIC_RELAXED) != 1) return 0;
  errno = ENOMEM;
  return 1;
}

void *malloc(size_t size) { return fails() ? 0 : __libc_malloc(size); }
void *aligned_alloc(size_t alignment, size_t size) { return fails() ? 0 : __libc_memalign(alignment, size); }
