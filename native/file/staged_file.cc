// SPDX-License-Identifier: Apache-2.0
#include "native/file/staged_file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>

#include <cerrno>
#include <cstdio>

#include "native/file/folder_lock.h"
#include "native/file/temporary_name.h"
#include "native/system/refused_call.h"

namespace sluice {
namespace {

std::string through_proc(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

}  // namespace

Failure StagedFile::create(const std::string& root, const std::string& path, mode_t mode) {
  if (Failure failure = place_.open(root, path)) return failure;
  if (Failure failure = look_at_existing()) return failure;
  return open_file(mode);
}

Failure StagedFile::look_at_existing() {
  // O_PATH, because opening a device or a FIFO does something to it.
  existing_.reset(openat(place_.folder.get(), place_.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!existing_) return errno == ENOENT ? Failure{} : place_failure(errno, "open");
  if (fstat(existing_.get(), &existing_stat_) != 0) return place_failure(errno, "fstat");
  if (S_ISDIR(existing_stat_.st_mode)) return {"isDirectory", EISDIR, "the destination"};
  if (S_ISLNK(existing_stat_.st_mode)) return {"notAFile", ELOOP, "a symbolic link"};
  if (!S_ISREG(existing_stat_.st_mode)) return {"notAFile", EINVAL, "a device, FIFO or socket"};
  return {};
}

Failure StagedFile::open_file(mode_t mode) {
  // Where nothing may be linked it could never be given a name.
  const bool links = !is_filtered() || refusal_of("linkat") == 0;
  if (links) file_.reset(openat(place_.folder.get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
  if (file_) return {};
  // EISDIR: of a kernel, or a file system in user space, that takes O_TMPFILE for O_DIRECTORY. A policy may refuse the
  // flag alone, and who may not write here at all is told so below.
  if (links && errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL && errno != ENOSYS && errno != EPERM &&
      errno != EACCES) {
    return place_failure(errno, "open");
  }
  const auto make = [&](const std::string& name) {
    file_.reset(openat(place_.folder.get(), name.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, mode));
    return file_ && hold_temporary_name(place_.folder.get(), name, file_.get());
  };
  return take_temporary_name(place_.folder.get(), temporary_, make) ? Failure{} : place_failure(errno, "open");
}

Failure StagedFile::write(std::span<const uint8_t> content, struct stat& written) const {
  for (size_t done = 0; done < content.size();) {
    const ssize_t count = pwrite(file_.get(), content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return place_failure(errno, "pwrite");
    done += static_cast<size_t>(count);
  }
  return fstat(file_.get(), &written) == 0 ? Failure{} : place_failure(errno, "fstat");
}

int StagedFile::link_as(const std::string& name) const {
  if (!temporary_.empty()) return linkat(place_.folder.get(), temporary_.c_str(), place_.folder.get(), name.c_str(), 0);
  // Whoever opened the file may name it by its descriptor from Linux 6.10 on; until then it takes CAP_DAC_READ_SEARCH,
  // and there seems to be no such file. The way through /proc is longer, and open to all.
  const int result = linkat(file_.get(), "", place_.folder.get(), name.c_str(), AT_EMPTY_PATH);
  if (result == 0 || errno != ENOENT) return result;
  return linkat(AT_FDCWD, through_proc(file_.get()).c_str(), place_.folder.get(), name.c_str(), AT_SYMLINK_FOLLOW);
}

// Only a file with a name can take another one's place.
int StagedFile::give_name() {
  if (!temporary_.empty()) return 0;
  flock(file_.get(), LOCK_EX | LOCK_NB);  // nobody else has it open; the name is not abandoned while this is
  const auto link = [&](const std::string& name) { return link_as(name) == 0; };
  return take_temporary_name(place_.folder.get(), temporary_, link) ? 0 : -1;
}

int StagedFile::give_random_name() {
  for (;;) {
    const std::string name = random_name();
    const int result = temporary_.empty() ? link_as(name)
                                          : renameat2(place_.folder.get(), temporary_.c_str(), place_.folder.get(),
                                                      name.c_str(), RENAME_NOREPLACE);
    if (result == 0) temporary_ = name;
    if (result == 0 || errno != EEXIST) return result;
  }
}

Failure StagedFile::move_to_free_name() {
  int result = -1;
  if (!temporary_.empty()) {
    result =
        renameat2(place_.folder.get(), temporary_.c_str(), place_.folder.get(), place_.name.c_str(), RENAME_NOREPLACE);
    if (result == 0) temporary_.clear();
  }
  // A hard link replaces nothing either.
  if (result != 0 && (temporary_.empty() || lacks_rename_flags(errno))) result = link_as(place_.name);
  if (result == 0) return {};  // discard() takes the temporary name away
  return errno == EEXIST ? Failure{"exists", EEXIST, "the destination"} : place_failure(errno, "linkat");
}

Failure StagedFile::move_over_any(bool& replaced) {
  struct stat there{};
  if (place_.look(there) != 0 && errno == ENOENT) {
    Failure failure = move_to_free_name();
    if (failure.kind != "exists") return failure;
  }
  if (give_name() != 0) return place_failure(errno, "linkat");
  if (renameat(place_.folder.get(), temporary_.c_str(), place_.folder.get(), place_.name.c_str()) != 0)
    return place_failure(errno, "renameat");
  temporary_.clear();
  replaced = true;
  return {};
}

// The kernel has no "rename if it is still that one". So, if it seems to be that one, the two files change places,
// which is atomic, and then it is seen whose place it was; if it was another's they change back. Meanwhile others may
// see the new file, and a third may put his own in its place: then what the second change brings out is his, newer than
// what it put there, and has to go back in turn, until out comes what was put in.
//
// A process that is killed in the middle leaves a whole file under the destination's name, either the old or the new
// one, and the other one under the temporary name.
//
// Two that do this at once would each take the other's passing attempt for a third's file, so this takes the folder's
// lock, and a third is one who does not know of it.
Failure StagedFile::exchange_for_expected() {
  const Failure differs{"differs", 0, "the destination"};
  const auto no_exchange = [] {
    const int refusal = refusal_of("renameat2");  // of ENOSYS glibc makes EINVAL
    return Failure{"noCondition", refusal ? refusal : errno, "renameat2"};
  };
  if (!existing_) return differs;
  const Identity expected = identity_of(existing_stat_);
  struct stat put{}, out{};
  if (place_.look(out) != 0) return errno == ENOENT ? differs : place_failure(errno, "fstatat");
  if (!is_still(out, expected)) return differs;
  if (fstat(file_.get(), &put) != 0) return place_failure(errno, "fstat");
  if (give_random_name() != 0) {
    if (lacks_rename_flags(errno)) return no_exchange();
    return place_failure(errno, temporary_.empty() ? "linkat" : "renameat2");
  }
  const auto exchange = [&] {
    return renameat2(place_.folder.get(), temporary_.c_str(), place_.folder.get(), place_.name.c_str(),
                     RENAME_EXCHANGE) == 0;
  };
  const auto look = [&] { return fstatat(place_.folder.get(), temporary_.c_str(), &out, AT_SYMLINK_NOFOLLOW) == 0; };
  // Ours, or an old one whose place somebody's newer file has taken.
  const auto remove_displaced = [&] {
    unlinkat(place_.folder.get(), temporary_.c_str(), 0);
    temporary_.clear();
  };
  // What has the temporary name may be another's only copy, and keeps it.
  const auto stopped_midway = [&](const char* call) {
    temporary_.clear();
    return place_failure(errno, call);
  };
  if (!exchange()) {
    if (errno == ENOENT) return differs;
    if (lacks_rename_flags(errno)) return no_exchange();
    return place_failure(errno, "renameat2");
  }
  if (!look()) return stopped_midway("fstatat");
  if (is_still(out, expected)) {
    remove_displaced();
    return {};
  }
  for (;;) {
    const struct stat displaced = out;
    if (!exchange()) {
      if (errno != ENOENT) return stopped_midway("renameat2");
      remove_displaced();  // whoever removed the new file meant this one
      return differs;
    }
    if (!look()) return stopped_midway("fstatat");
    if (same_file(out, put)) {
      remove_displaced();
      return differs;
    }
    put = displaced;
  }
}

Failure StagedFile::take_name(const Publication& publication, bool& replaced) {
  const auto& [replace, sync, attributes, version, keep_except, last_try] = publication;
  FolderLock lock;
  const Share share = replace == Replace::expected ? Share::alone : Share::many;
  if (Failure failed = lock.take(place_.folder.get(), share, last_try)) return failed;
  if (keep_except && replace != Replace::nothing) {
    Attributes kept;
    if (Failure failed = user_attributes(place_.folder.get(), place_.name, *keep_except, kept)) return failed;
    if (Failure failed = set_attributes(file_.get(), kept)) return failed;
    if (sync && !kept.empty() && fsync(file_.get()) != 0) return place_failure(errno, "fsync");
  }
  if (replace == Replace::nothing) return move_to_free_name();
  if (replace == Replace::any) return move_over_any(replaced);
  replaced = true;
  return exchange_for_expected();
}

Failure StagedFile::publish(const Publication& publication, struct stat& published, bool& replaced) {
  const auto& version = publication.version;
  // Somebody may have tidied up, and the next have got the name.
  if (!temporary_.empty() && !leads_to(place_.folder.get(), temporary_, file_.get())) {
    temporary_.clear();
    return {"io", 0, "its temporary file was removed"};
  }
  if (Failure failed = set_attributes(file_.get(), publication.attributes)) return failed;
  if (publication.sync && fsync(file_.get()) != 0) return place_failure(errno, "fsync");
  if (fstat(file_.get(), &published) != 0) return place_failure(errno, "fstat");
  if (version &&
      (static_cast<uint64_t>(published.st_size) != version->size || mtime_ns(published) != version->mtime_ns))
    return {"changed", 0, "the staged file"};
  if (Failure failed = take_name(publication, replaced)) return failed;
  if (!publication.sync) return {};
  const UniqueFd folder(openat(place_.folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return place_failure(errno, "open");
  return fsync(folder.get()) == 0 ? Failure{} : place_failure(errno, "fsync");
}

void StagedFile::discard() {
  if (!temporary_.empty() && leads_to(place_.folder.get(), temporary_, file_.get()))
    unlinkat(place_.folder.get(), temporary_.c_str(), 0);
  temporary_.clear();
  file_.reset();
  existing_.reset();
  place_.folder.reset();
}

}  // namespace sluice
