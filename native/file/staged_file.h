// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "native/file/attributes.h"
#include "native/file/named_file.h"
#include "native/file/place.h"
#include "native/runtime/result.h"
#include "native/runtime/unique_fd.h"

namespace sluice {

// What is done to a staged file as it is published.
struct Publication {
  Replace replace = Replace::any;  // expected: the one that was there when the staged file was made
  // Makes sure before that its bytes, and then its name, outlive a power failure.
  bool sync = false;
  // Set before the file has its name.
  Attributes attributes;
  // What the attributes are about: size in bytes, mtime in ns. If it is another by now the file is not published.
  struct Version {
    uint64_t size;
    int64_t mtime_ns;
  };
  std::optional<Version> version;
  // It gets the user attributes of the file that it replaces, but for these (a dot at the end: all that begin so). They
  // are read under the folder's lock, so that what is changed under it is not lost.
  std::optional<std::vector<std::string>> keep_except;
  // What may replace any file goes on without the folder's lock if others keep it.
  bool last_try = false;
};

struct Published {
  struct stat stat;
  bool replaced;  // another one had the name until then
};

// A file on its way to a name: it is in the destination's folder, and nobody finds it there before it is whole.
//
// It has no name at all where the file system has O_TMPFILE, so that it is gone with the process however that ends;
// elsewhere a temporary one (temporary_name.h), which goes with the object.
class StagedFile {
 public:
  StagedFile() = default;
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;
  ~StagedFile() { discard(); }

  // `path` leads to the destination, through symbolic links if need be; beneath `root`, unless that is empty, and then
  // neither through them nor out of it. The destination itself may be a regular file or nothing, and its name not
  // a temporary one, under which it would be removed in time.
  Result<> create(const std::string& root, const std::string& path, mode_t mode);

  // Gives the new file its content, which is at hand as a whole. Returns what the file is like then.
  Result<struct stat> write(std::span<const uint8_t> content) const;

  int fd() const { return file_.get(); }
  // The file that has the name now: a descriptor for nothing but looking at it, and what it was like at first.
  int existing_fd() const { return existing_.get(); }
  const struct stat& existing() const { return existing_stat_; }

  // Gives the file its name. A failure leaves the destination as it was, unless it is that of the folder's fsync, or
  // the file system fails between an exchange and the one that undoes it: then the new file has the name, and the other
  // one stays under the temporary one. After `busy` it may be tried again.
  Result<Published> publish(const Publication& publication);

  // Lets go of everything. The file is gone, unless it was published.
  void discard();

 private:
  Result<> look_at_existing();
  Result<> open_file(mode_t mode);
  Result<> link_as(const std::string& name) const;
  Result<> rename_temporary(const std::string& name, unsigned flags) const;
  Result<> give_name();
  // One that is never taken back: during an exchange another's only copy may have it.
  Result<> give_random_name();
  Result<> move_to_free_name();
  // Whether there was another one.
  Result<bool> move_over_any();
  Result<> exchange_for_expected();
  Result<bool> take_name(const Publication& publication);

  Place place_;
  UniqueFd file_;
  std::string temporary_;  // the name it has for now, if any
  UniqueFd existing_;      // while it is held its inode's number is not given to another file
  struct stat existing_stat_{};
};

}  // namespace sluice
