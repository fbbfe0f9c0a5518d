// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>

#include "native/observe/handle.h"

namespace sluice {

// Keeps a file that changes all the time from being read all the time. After a read, which a writer may have broken
// off, it rests for as long as that took; after each more for twice as long as before, and for ten times as long as the
// read took at most. So the value of a large file that was written in two goes is not late, and none is read for much
// more than a tenth of the time.
class Pace {
 public:
  // By now_ns(): when a file may be read.
  uint64_t due(const FileId& id) const;
  // How many reads went before one that begins now, with no long pause between them.
  uint32_t reads_before(const FileId& id, uint64_t now) const;
  // A read ended that took so many nanoseconds of this thread.
  void rest(const FileId& id, uint64_t now, uint64_t took, uint32_t reads_before);

 private:
  struct Rest {
    uint64_t due;
    uint64_t over;  // then nobody asks for it any more
    uint32_t reads;
  };

  // Some hundred at most: they last twenty times as long as their reads, which are done one at a time.
  std::unordered_map<FileId, Rest, FileIdHash> rests_;
  std::multimap<uint64_t, FileId> over_;
};

}  // namespace sluice
