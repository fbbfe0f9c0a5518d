// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "native/observe/handle.h"
#include "native/runtime/result.h"
#include "native/runtime/unique_fd.h"

namespace sluice {

// What an observer that is killed leaves to the next one: which files it had not done with, and until when it had been
// told of everything. A write to the page cache outlives its writer, so nothing waits for the disk.
//
// It is a header, which is replaced as a whole, and records behind it, which are appended. Where they have grown, those
// that still count are written once more to where none is, and then the header says that they begin there.
class Journal {
 public:
  // Of an observer that ended, or was killed, before. Since 1970, in ns.
  struct Past {
    int64_t begun;  // when the first one began that kept this journal
    int64_t since;  // what happened from then on was perhaps not seen
  };

  // One that is open nowhere records nothing.
  Journal() = default;
  // `tree` is a number of the folders that are observed. `busy` where another observer has it, `differs` where it is of
  // other folders, `not_a_file` where it is no journal.
  static Result<Journal> open(const std::string& path, uint64_t tree);

  void close() { file_.reset(); }
  bool is_open() const { return static_cast<bool>(file_); }
  int fd() const { return file_.get(); }
  // None where it is new.
  const std::optional<Past>& past() const { return past_; }
  // Whether an observer before had not done with it. Any thread may ask.
  bool was_pending(const FileId& id) const { return left_ && left_->contains(id); }
  // Those have been looked for: who was not found is gone.
  void forget_left();

  // From here on, all that happens is seen.
  Result<> start(int64_t now);
  // A file is to be looked at; it is done with.
  void begin(const FileId& id);
  void end(const FileId& id);
  // What has begun is in the file. To be called before anything comes of it.
  void flush();
  // Nothing is under way.
  void rest() { overfull_ = false; }
  // All that happened before was told, and is recorded here. `stopped`: it is the last time.
  void beat(int64_t seen_until, bool stopped);

  // Why nothing has been recorded since, if that is so. Told once.
  std::optional<Failure> take_failure();

 private:
  struct Header;
  using Files = std::unordered_set<FileId, FileIdHash>;

  Result<> read(uint64_t tree);
  void read_records(const std::string& bytes);
  Result<> write_header(int64_t beat, bool stopped);
  std::string record_of(char kind, const FileId& id, uint32_t epoch) const;
  void write(const std::string& bytes, uint64_t at);
  // Writes what still counts to another place.
  void compact();
  void fail(const Failure& failure);

  UniqueFd file_;
  std::optional<Past> past_;
  std::shared_ptr<const Files> left_;
  Files unfound_;  // of those, the ones that have not begun again
  Files pending_;
  std::string unwritten_;
  bool urgent_ = false;  // there is more in it than what has ended
  uint64_t tree_ = 0;
  int64_t begun_ = 0;
  int64_t beat_ = 0;
  uint64_t start_ = 0;  // of the records
  uint64_t end_ = 0;
  uint32_t epoch_ = 0;     // of the records: what lies behind them may look like some
  bool overfull_ = false;  // files that are under way are not recorded
  bool broken_ = false;
  std::optional<Failure> failure_;
};

}  // namespace sluice
