// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/engine/sums.h"
#include "native/file/source_file.h"
#include "native/runtime/worker.h"

namespace sluice {

// The sums of a file that is read from its beginning, a piece at a time. Holes are combined, not read.
class Reread {
 public:
  Reread(SourceFile file, uint32_t algorithms) : file_(std::move(file)) { sums_.algorithms = algorithms; }

  // Goes on by a piece. True: all is summed, and the file is what it was at the beginning.
  Result<bool> step(Worker& worker);

  SourceFile& file() { return file_; }
  const Values& values() const { return sums_.values; }
  uint64_t bytes_read() const { return sums_.bytes; }

 private:
  // Finds the next data, and counts the hole before it.
  Result<> find_data();

  SourceFile file_;
  Sums sums_;
  uint64_t offset_ = 0;
  uint64_t data_end_ = 0;
};

}  // namespace sluice
