// What the cases of changes.c have in common.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 256 << 10, PAGE = 4096 };

// What becomes of a file by what was seen of it. A case that the file system can't do leaves a file with a value.
#define VALUE "value"    // its runs hold all of it
#define GAPS "gaps"      // its runs leave something out, or hold something twice
#define MAPPED "mapped"  // as sluice_observe_why names the others
#define DIRECT "direct"
#define TRUNCATED "truncated"
#define FALLOCATED "fallocated"
#define CLONED "cloned"
#define UNSEEN "unseen"  // nothing was written
#define ANY "any"        // how far it came is not known

struct change {
  const char* name;
  const char* outcome;
  void (*run)(void);
};

void change_at_random(uint64_t seed);
// Several processes do so many operations each, of all kinds, on the files of a folder and on one another's.
void stress(const char* folder, uint64_t seed, unsigned operations, int by_path);

extern const struct change writes[], ranges[], mappings[], copies[], lives[];

extern const char* path;      // the file that a case leaves behind
extern unsigned char data[];  // SIZE + PAGE bytes of no pattern

// Ends the program with what `what` says and errno if a call failed, which returned less than 0.
long must(long result, const char* what);
#define MUST(call) must((long)(call), #call)

// The file system can't do it.
_Noreturn void unsupported(void);

// The path with something appended. There is one at a time.
const char* beside(const char* suffix);

int create(int flags);                               // the file, empty, to be read and written
int create_full(void);                               // with `data` in it
void put(int fd, const void* bytes, size_t length);  // all of it, at the position
void put_at(int fd, const void* bytes, size_t length, off_t offset);
unsigned char* map(int fd);  // SIZE bytes, shared, to be read and written

// Lets the test look at what there is by now, and goes on when it says so.
void pause_for_test(void);
