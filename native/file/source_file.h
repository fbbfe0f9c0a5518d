// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "native/runtime/result.h"
#include "native/runtime/unique_fd.h"

namespace sluice {

// How much is known about others who may write to the file while it is read.
enum class Writers : uint8_t {
  none,     // a read lease was granted and held to the end, where it proves something: nobody had the file open for
            // writing or mapped writable (lib/checksum/checksum.ts says who might have written all the same)
  self,     // the caller's own descriptor is open for writing, so a lease can't be had; time stamps were compared
  unknown,  // a lease is not to be had (not the owner), or proves nothing here; time stamps were compared
};

// Whether the page cache was gone around.
enum class Cache : uint8_t { used, bypassed, fell_back };

// What tells of a change.
struct Stamps {
  uint64_t size = 0;
  int64_t mtime_ns = 0;
  int64_t ctime_ns = 0;

  bool operator==(const Stamps&) const = default;
};

// What the inode of an open file says now.
Result<Stamps> stamps_of(int fd);

// How long it takes, in ns, until a change is sure to leave other stamps than these: not every kernel's tell two within
// a tick of its clock.
uint64_t until_settled(const Stamps& stamps);

// A regular file that is being summed, with what is needed to notice that it changed meanwhile.
//
// Time stamps alone do not tell: a store through a shared mapping whose page is already dirty moves none, and before
// multigrain time stamps (Linux 6.13) two writes within one tick of the clock look alike. A read lease does: the kernel
// grants it only while nobody has the file open for writing or mapped writable, and tells us when somebody wants to.
class SourceFile {
 public:
  // Opens `path`, or re-opens `given` so that the lease and O_DIRECT are set on a description of our own. Blocks for
  // two ticks at most, where only time stamps protect a file that was changed a moment ago.
  static Result<SourceFile> open(const std::string& path, UniqueFd given, bool bypass_cache);
  // Of a descriptor that is open for reading, and whose description nobody shares. Blocks as `open` does.
  static Result<SourceFile> adopt(UniqueFd own);
  // Gives the descriptor back, without the lease.
  UniqueFd let_go();

  int fd() const { return fd_.get(); }
  uint64_t size() const { return before_.size; }
  const Stamps& stamps() const { return before_; }
  Writers writers() const { return writers_; }
  Cache cache() const { return cache_; }
  // What offset, length and address of a read must be multiples of: 1 unless the cache is bypassed.
  uint32_t alignment() const { return alignment_; }

  // A writer is waiting for our lease. Cheap; asked between windows so that it waits no longer than one.
  bool lease_broken() const;

  // What it means that a read failed: of the device, or of somebody who writes to the file.
  Failure unreadable(int error, uint8_t* buffer, size_t length, uint64_t offset) const;

  // To be called when all has been read: a failure if the file is not what it was at the start.
  Result<> unchanged() const;
  // The same, where its attributes were changed meanwhile, which moves ctime: what the stamps are now.
  Result<Stamps> unwritten() const;

 private:
  // Both say whether the caller has it open for writing.
  Result<bool> open_path(const std::string& path);
  Result<bool> open_given(UniqueFd given);
  // Takes the lease, and makes the stamps tell.
  Result<> guard(bool writable);
  Result<> take_lease(bool writable);
  Result<> settle() const;
  void bypass();
  UniqueFd fd_;
  bool own_ = true;  // the description is ours alone
  Stamps before_;
  bool leased_ = false;
  Writers writers_ = Writers::unknown;
  Cache cache_ = Cache::used;
  uint32_t alignment_ = 1;
};

}  // namespace sluice
