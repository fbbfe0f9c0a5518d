// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "native/checksum/failure.h"
#include "native/staging/attributes.h"
#include "native/unique_fd.h"

namespace sluice {

// What publishing may do to a file that has the destination's name.
enum class Replace : uint8_t {
  any,       // take its place, whatever it is
  nothing,   // there must be none
  expected,  // take its place if it is still the one that was there when the staged file was made
};

// What is done to a staged file as it is published.
struct Publication {
  Replace replace = Replace::any;
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
};

int64_t mtime_ns(const struct stat& stat);

// A file on its way to a name: it is in the destination's folder, and nobody finds it there before it is whole.
//
// It has no name at all where the file system has O_TMPFILE, so that it is gone with the process however that ends;
// elsewhere a temporary one (temporary_name.h), which goes with the object.
//
// Everything is done relative to one descriptor of the folder: what happens to the path meanwhile does not matter.
class StagedFile {
 public:
  StagedFile() = default;
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;
  ~StagedFile() { discard(); }

  // `path` leads to the destination, through symbolic links if need be; beneath `root`, unless that is empty, and then
  // neither through them nor out of it. The destination itself may be a regular file or nothing, and its name not
  // a temporary one, under which it would be removed in time.
  Failure create(const std::string& root, const std::string& path, mode_t mode);

  // Gives the new file its content, which is at hand as a whole. Afterwards `written` is what the file is like.
  Failure write(std::span<const uint8_t> content, struct stat& written) const;

  int fd() const { return file_.get(); }
  // The file that has the name now: a descriptor for nothing but looking at it, and what it was like at first.
  int existing_fd() const { return existing_.get(); }
  const struct stat& existing() const { return existing_stat_; }

  // Gives the file its name. A failure leaves the destination as it was, unless it is that of the folder's fsync, or
  // the file system fails between an exchange and the one that undoes it: then the new file has the name, and the other
  // one stays under the temporary one.
  Failure publish(const Publication& publication, struct stat& published);

  // Lets go of everything. The file is gone, unless it was published.
  void discard();

 private:
  Failure look_at_existing();
  Failure open_file(mode_t mode);
  int link_as(const std::string& name) const;
  int give_name();
  // One that is never taken back: during an exchange another's only copy may have it.
  int give_random_name();
  Failure move_to_free_name();
  Failure move_over_any();
  Failure exchange_for_expected();
  Failure failure(int error, const char* call) const;

  UniqueFd folder_;
  std::string name_;
  UniqueFd file_;
  std::string temporary_;  // the name it has for now, if any
  UniqueFd existing_;      // while it is held its inode's number is not given to another file
  struct stat existing_stat_{};
};

}  // namespace sluice
