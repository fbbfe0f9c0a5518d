// SPDX-License-Identifier: Apache-2.0
// A buffer between two pages that can't be touched: a read past either end is a crash.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

class GuardedBuffer {
 public:
  explicit GuardedBuffer(size_t size) : page_(static_cast<size_t>(sysconf(_SC_PAGESIZE))) {
    size_ = (size + page_ - 1) / page_ * page_;
    void* memory = mmap(nullptr, size_ + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) {
      map_ = static_cast<uint8_t*>(memory);
      if (mprotect(begin(), size_, PROT_READ | PROT_WRITE) == 0) return;
    }
    perror("no memory for a guarded buffer");
    exit(1);
  }
  ~GuardedBuffer() { munmap(map_, size_ + 2 * page_); }
  GuardedBuffer(const GuardedBuffer&) = delete;
  GuardedBuffer& operator=(const GuardedBuffer&) = delete;

  uint8_t* begin() { return map_ + page_; }
  uint8_t* end() { return map_ + page_ + size_; }

 private:
  size_t page_;
  size_t size_;
  uint8_t* map_;
};
