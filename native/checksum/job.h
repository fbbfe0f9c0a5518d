// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "native/engine/outcome.h"
#include "native/engine/reducer.h"
#include "native/file/source_file.h"

namespace sluice {

struct Request {
  std::string path;  // used where there is no descriptor
  UniqueFd fd;       // the job's own duplicate: the caller may close its descriptor, and its number be used again
  int fd_error = 0;  // errno, where it could not be duplicated
  uint32_t algorithms = 0;
  BackendChoice choice;
  bool bypass_cache = false;
  uint64_t begin = 0;
  uint64_t end = UINT64_MAX;  // UINT64_MAX: to the end of the file
  uint32_t threads = 1;       // on this file
  uint32_t pool = 1;          // threads that may work on all files together
};

struct ChecksumOutcome : Outcome {
  Writers writers = Writers::unknown;
  Cache cache = Cache::used;
};

// The checksums of one file: opens it, splits it among threads, reduces, combines, and makes sure that it did not
// change.
class ChecksumJob : public std::enable_shared_from_this<ChecksumJob> {
 public:
  explicit ChecksumJob(Request request);

  // `done` is called once, on a thread of ours or on this one, after all descriptors of the job were closed.
  void start(std::function<void()> done);
  void cancel();
  uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  const ChecksumOutcome& outcome() const { return outcome_; }

 private:
  // A stretch of the file that one worker reduces.
  struct Extent {
    uint64_t begin;
    Range range;
    Reducer reducer;
  };

  void post();
  void open(Worker& worker);
  Result<> divide();
  // Those that nobody works on yet, one after the other. The thread that opened the file takes them too: where no other
  // is free, no extent waits, and with it a writer for our lease.
  void reduce_extents(Worker& worker);
  void reduce(Worker& worker, Extent& extent);
  Result<> interrupted() const;
  void finish();
  Result<> verify() const;
  void complete(Result<> done);

  Request request_;
  std::function<void()> done_;
  const uint64_t started_ns_;
  std::atomic<uint64_t> bytes_{0};  // reduced so far, for progress
  std::atomic<bool> cancelled_{false};
  SourceFile file_;
  bool generated_ = false;
  uint64_t end_ = 0;
  std::vector<Extent> extents_;
  std::atomic<size_t> next_{0};
  std::atomic<size_t> left_{0};
  std::mutex failed_mutex_;        // while several workers may set it
  std::optional<Failure> failed_;  // the first extent's that did
  ChecksumOutcome outcome_;
};

}  // namespace sluice
