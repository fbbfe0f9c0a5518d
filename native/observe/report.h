// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <iterator>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "native/engine/sums.h"
#include "native/file/attributes.h"
#include "native/file/source_file.h"
#include "native/observe/backlog.h"
#include "native/observe/noted.h"
#include "native/runtime/failure.h"

namespace sluice {

// What the thread that observes tells.
struct Report {
  enum class Kind : uint8_t {
    offered,     // values of a file, for which attributes are to be composed; `token` names it in the answer
    value,       // values of a file, whose attributes, if there are to be any, are set
    retracted,   // attributes were removed, because what they say may not hold any more
    unknown,     // there is no value of a file
    lost,        // events were dropped: what has changed since `time_ns` is to be looked for
    unrecorded,  // the journal can't be written: `failure` says why
    folder,      // a folder came into the tree, with whatever lies in it
    ended,       // the last report
  };

  Kind kind;
  std::string path;
  std::string id = {};  // of a folder: what Observer::open_folder takes
  uint64_t dev = 0;
  uint64_t ino = 0;
  uint32_t generation = 0;  // 0 where the file system does not tell
  pid_t pid = 0;
  std::string comm;
  Why why = Why::closed;
  Stamps stamps;  // of the file that the values are of
  Values values{};
  Origin origin = Origin::reread;
  uint32_t reason = 0;  // of that, as struct Noted has it
  uint64_t token = 0;
  Attributes kept;      // of those that are to be set, what the file has
  Failure failure{};    // why: of retracted, unknown, unrecorded and ended
  int64_t time_ns = 0;  // since 1970
};

// What is to be told to another thread.
class Outbox {
 public:
  // To be told with the others of the same while.
  void put(Report report) { collected_.push_back(std::move(report)); }

  // What was put may be taken from here on.
  void tell() {
    if (collected_.empty()) return;
    std::function<void()> wake;
    {
      std::lock_guard lock(mutex_);
      std::ranges::move(collected_, std::back_inserter(reports_));
      wake = std::exchange(wake_, nullptr);
    }
    collected_.clear();
    if (wake) wake();
  }

  // Calls `wake` once: when there is something to take, which may be now.
  void await(std::function<void()> wake) {
    {
      std::lock_guard lock(mutex_);
      if (reports_.empty()) wake_ = std::exchange(wake, nullptr);
    }
    if (wake) wake();
  }

  std::vector<Report> take() {
    std::lock_guard lock(mutex_);
    return std::exchange(reports_, {});
  }

 private:
  std::mutex mutex_;
  std::function<void()> wake_;
  std::vector<Report> reports_;
  std::vector<Report> collected_;  // by the thread that puts
};

// Counted by the thread that observes, read by any.
struct ObserveCounts {
  std::atomic<uint64_t> events{0};  // of fanotify
  std::atomic<uint64_t> inside{0};  // of these, about files of the tree
  std::atomic<uint64_t> values{0};
  std::atomic<uint64_t> lost{0};
  std::atomic<uint64_t> bytes_read{0};
  std::atomic<uint64_t> bytes_followed{0};
  std::atomic<uint64_t> followed{0};  // values that needed no second read
  std::atomic<uint64_t> busy{0};      // left, because a writer has the file open, whose close will be told
  std::atomic<uint64_t> changed{0};   // changed while they were summed or their attributes set
  std::atomic<uint64_t> waiting{0};   // files whose turn has not come
  std::atomic<uint64_t> cpu_ns{0};
  std::array<std::atomic<uint64_t>, SLUICE_REREADS> rereads{};    // begun, by their reasons
  std::array<std::atomic<uint64_t>, SLUICE_SWITCHES> switched{};  // values that were summed in the hook in the end
};

}  // namespace sluice
