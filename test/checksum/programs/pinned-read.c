/* Reads SOURCE with O_DIRECT into a shared mapping of FILE, which it unmaps and closes while the read waits for SOURCE's
   device. Prints `open`; begins to read after a line of its input, and prints `reading` once nobody has FILE open or mapped
   any more; then `read`. usage: pinned-read FILE SOURCE */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SIZE = 64 << 10 };

static int source;
static void *memory;
static pid_t reader;

static void *read_all(void *unused) {
  (void)unused;
  __atomic_store_n(&reader, gettid(), __ATOMIC_RELEASE);
  return (void *)(long)(pread(source, memory, SIZE, 0) == SIZE);
}

/* FUSE waits for its server here, with the pages pinned. */
static int waits(void) {
  char path[64], where[64] = "";
  snprintf(path, sizeof path, "/proc/self/task/%d/wchan", __atomic_load_n(&reader, __ATOMIC_ACQUIRE));
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  size_t length = fread(where, 1, sizeof where - 1, file);
  where[length] = 0;
  fclose(file);
  return strstr(where, "request_wait_answer") != 0;
}

int main(int count, char **arguments) {
  (void)count;
  int file = open(arguments[1], O_RDWR);
  source = open(arguments[2], O_RDONLY | O_DIRECT);
  memory = mmap(0, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (source < 0 || memory == MAP_FAILED) return perror("open"), 1;
  puts("open");
  fflush(stdout);
  getchar();
  pthread_t thread;
  pthread_create(&thread, 0, read_all, 0);
  while (!waits()) usleep(1000);
  munmap(memory, SIZE);
  close(file);
  puts("reading");
  fflush(stdout);
  void *whole;
  pthread_join(thread, &whole);
  puts(whole ? "read" : "failed");
  return 0;
}
