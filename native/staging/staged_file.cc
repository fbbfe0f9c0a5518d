// SPDX-License-Identifier: Apache-2.0
#include "native/staging/staged_file.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "native/staging/temporary_name.h"
#include "native/system/refused_call.h"

namespace sluice {
namespace {

// Those who keep to the rules hold a folder's lock for a few system calls, so this is long: three seconds.
constexpr int kLockTries = 600;
constexpr std::chrono::milliseconds kLockPause(5);

std::string through_proc(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

constexpr int kFolderFlags = O_PATH | O_DIRECTORY | O_CLOEXEC;

// Folder by folder. Nothing leads up: a path with `..` does not come here.
UniqueFd open_step_by_step(int root, const std::string& path) {
  UniqueFd here(openat(root, ".", kFolderFlags));
  for (size_t at = 0; here && at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string name = path.substr(at, end - at);
    at = end + 1;
    if (name == "..") {
      errno = EXDEV;
      return {};
    }
    if (name.empty()) continue;
    UniqueFd next(openat(here.get(), name.c_str(), kFolderFlags | O_NOFOLLOW));
    struct stat stat{};
    // What is no folder may be a link to one.
    if (!next && errno == ENOTDIR && fstatat(here.get(), name.c_str(), &stat, AT_SYMLINK_NOFOLLOW) == 0)
      errno = S_ISLNK(stat.st_mode) ? ELOOP : ENOTDIR;
    here = std::move(next);
  }
  return here;
}

UniqueFd open_beneath(int root, const std::string& path) {
  open_how how{};
  how.flags = kFolderFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  UniqueFd folder(static_cast<int>(syscall(SYS_openat2, root, path.c_str(), &how, sizeof how)));
  // The filters of older container runtimes do not know it.
  if (!folder && refuser_of("openat2", errno) != Refuser::nobody) return open_step_by_step(root, path);
  return folder;
}

bool same_file(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

// Renaming moves ctime, so what tells that nobody wrote to it is size and mtime.
bool unchanged(const struct stat& a, const struct stat& b) {
  return same_file(a, b) && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

// Returns 0 or errno. Anyone who may read the folder can lock it, for as long as he likes, so this has an end.
int lock_folder(int folder) {
  for (int tries = 0; flock(folder, LOCK_EX | LOCK_NB) != 0; ++tries) {
    if (errno != EWOULDBLOCK && errno != EINTR) return errno;
    if (tries == kLockTries) return EWOULDBLOCK;
    std::this_thread::sleep_for(kLockPause);
  }
  return 0;
}

}  // namespace

int64_t mtime_ns(const struct stat& stat) {
  return static_cast<int64_t>(stat.st_mtim.tv_sec) * 1'000'000'000 + stat.st_mtim.tv_nsec;
}

Failure StagedFile::failure(int error, const char* call) const {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return {"noSpace", error, call};
    case EXDEV:
    case ELOOP:
      return {"outside", error, call};
    case ENOTEMPTY:
      return {"isDirectory", error, call};
    case ENAMETOOLONG:
      return {"tooLong", error, call};
    case EROFS:
      return {"permission", error, call};
    default:
      return system_failure(error, call);
  }
}

Failure StagedFile::create(const std::string& root, const std::string& path, mode_t mode) {
  const size_t slash = path.rfind('/');
  name_ = slash == std::string::npos ? path : path.substr(slash + 1);
  std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (name_.empty() || name_ == "." || name_ == "..") return {"isDirectory", EISDIR, "the name"};
  if (is_temporary_name(name_)) return {"reserved", 0, "the name"};
  if (root.empty()) {
    folder_.reset(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  } else {
    const UniqueFd top(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!top) return failure(errno, "open");
    folder_ = open_beneath(top.get(), folder);
  }
  if (!folder_) return failure(errno, "open");
  if (Failure failure = look_at_existing()) return failure;
  return open_file(mode);
}

Failure StagedFile::look_at_existing() {
  // O_PATH, because opening a device or a FIFO does something to it.
  existing_.reset(openat(folder_.get(), name_.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!existing_) return errno == ENOENT ? Failure{} : failure(errno, "open");
  if (fstat(existing_.get(), &existing_stat_) != 0) return failure(errno, "fstat");
  if (S_ISDIR(existing_stat_.st_mode)) return {"isDirectory", EISDIR, "the destination"};
  if (S_ISLNK(existing_stat_.st_mode)) return {"notAFile", ELOOP, "a symbolic link"};
  if (!S_ISREG(existing_stat_.st_mode)) return {"notAFile", EINVAL, "a device, FIFO or socket"};
  return {};
}

Failure StagedFile::open_file(mode_t mode) {
  // Where nothing may be linked it could never be given a name.
  const bool links = !is_filtered() || refusal_of("linkat") == 0;
  if (links) file_.reset(openat(folder_.get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
  if (file_) return {};
  // EISDIR: of a kernel, or a file system in user space, that takes O_TMPFILE for O_DIRECTORY. A policy may refuse the
  // flag alone, and who may not write here at all is told so below.
  if (links && errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL && errno != ENOSYS && errno != EPERM &&
      errno != EACCES) {
    return failure(errno, "open");
  }
  const auto make = [&](const std::string& name) {
    file_.reset(openat(folder_.get(), name.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, mode));
    return file_ && hold_temporary_name(folder_.get(), name, file_.get());
  };
  return take_temporary_name(folder_.get(), temporary_, make) ? Failure{} : failure(errno, "open");
}

Failure StagedFile::write(std::span<const uint8_t> content, struct stat& written) const {
  for (size_t done = 0; done < content.size();) {
    const ssize_t count = pwrite(file_.get(), content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure(errno, "pwrite");
    done += static_cast<size_t>(count);
  }
  return fstat(file_.get(), &written) == 0 ? Failure{} : failure(errno, "fstat");
}

int StagedFile::link_as(const std::string& name) const {
  if (!temporary_.empty()) return linkat(folder_.get(), temporary_.c_str(), folder_.get(), name.c_str(), 0);
  // Whoever opened the file may name it by its descriptor from Linux 6.10 on; until then it takes CAP_DAC_READ_SEARCH,
  // and there seems to be no such file. The way through /proc is longer, and open to all.
  const int result = linkat(file_.get(), "", folder_.get(), name.c_str(), AT_EMPTY_PATH);
  if (result == 0 || errno != ENOENT) return result;
  return linkat(AT_FDCWD, through_proc(file_.get()).c_str(), folder_.get(), name.c_str(), AT_SYMLINK_FOLLOW);
}

// Only a file with a name can take another one's place.
int StagedFile::give_name() {
  if (!temporary_.empty()) return 0;
  flock(file_.get(), LOCK_EX | LOCK_NB);  // nobody else has it open; the name is not abandoned while this is
  const auto link = [&](const std::string& name) { return link_as(name) == 0; };
  return take_temporary_name(folder_.get(), temporary_, link) ? 0 : -1;
}

int StagedFile::give_random_name() {
  for (;;) {
    const std::string name = random_name();
    const int result = temporary_.empty() ? link_as(name)
                                          : renameat2(folder_.get(), temporary_.c_str(), folder_.get(), name.c_str(),
                                                      RENAME_NOREPLACE);
    if (result == 0) temporary_ = name;
    if (result == 0 || errno != EEXIST) return result;
  }
}

Failure StagedFile::move_to_free_name() {
  int result = -1;
  if (!temporary_.empty()) {
    result = renameat2(folder_.get(), temporary_.c_str(), folder_.get(), name_.c_str(), RENAME_NOREPLACE);
    if (result == 0) temporary_.clear();
  }
  // Not every file system has the flag (NFS, many in user space); a hard link replaces nothing either.
  if (result != 0 && (temporary_.empty() || errno == EINVAL || errno == ENOSYS)) result = link_as(name_);
  if (result == 0) return {};  // discard() takes the temporary name away
  return errno == EEXIST ? Failure{"exists", EEXIST, "the destination"} : failure(errno, "linkat");
}

Failure StagedFile::move_over_any() {
  if (!existing_ && temporary_.empty()) {
    Failure failure = move_to_free_name();
    if (failure.kind != "exists") return failure;
  }
  if (give_name() != 0) return failure(errno, "linkat");
  if (renameat(folder_.get(), temporary_.c_str(), folder_.get(), name_.c_str()) != 0) return failure(errno, "renameat");
  temporary_.clear();
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
// Two that do this at once would each take the other's passing attempt for a third's file, so the folder is locked
// against those who do the same, in any process.
Failure StagedFile::exchange_for_expected() {
  const Failure differs{"differs", 0, "the destination"};
  const auto no_exchange = [] {
    const int refusal = refusal_of("renameat2");  // of ENOSYS glibc makes EINVAL
    return Failure{"noExchange", refusal ? refusal : errno, "renameat2"};
  };
  if (!existing_) return differs;
  const UniqueFd lock(openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock) return failure(errno, "open");
  if (const int error = lock_folder(lock.get())) {
    return error == EWOULDBLOCK ? Failure{"busy", error, "flock"} : failure(error, "flock");
  }
  struct stat put{}, out{};
  if (fstatat(folder_.get(), name_.c_str(), &out, AT_SYMLINK_NOFOLLOW) != 0) {
    return errno == ENOENT ? differs : failure(errno, "fstatat");
  }
  if (!unchanged(out, existing_stat_)) return differs;
  if (fstat(file_.get(), &put) != 0) return failure(errno, "fstat");
  if (give_random_name() != 0) {
    if (errno == EINVAL || errno == ENOSYS) return no_exchange();
    return failure(errno, temporary_.empty() ? "linkat" : "renameat2");
  }
  const auto exchange = [&] {
    return renameat2(folder_.get(), temporary_.c_str(), folder_.get(), name_.c_str(), RENAME_EXCHANGE) == 0;
  };
  const auto look = [&] { return fstatat(folder_.get(), temporary_.c_str(), &out, AT_SYMLINK_NOFOLLOW) == 0; };
  // Ours, or an old one whose place somebody's newer file has taken.
  const auto remove_displaced = [&] {
    unlinkat(folder_.get(), temporary_.c_str(), 0);
    temporary_.clear();
  };
  // What has the temporary name may be another's only copy, and keeps it.
  const auto stopped_midway = [&](const char* call) {
    temporary_.clear();
    return failure(errno, call);
  };
  if (!exchange()) {
    if (errno == ENOENT) return differs;
    if (errno == EINVAL || errno == ENOSYS) return no_exchange();
    return failure(errno, "renameat2");
  }
  if (!look()) return stopped_midway("fstatat");
  if (unchanged(out, existing_stat_)) {
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

Failure StagedFile::publish(const Publication& publication, struct stat& published) {
  const auto& [replace, sync, attributes, version] = publication;
  // Somebody may have tidied up, and the next have got the name.
  if (!temporary_.empty() && !leads_to(folder_.get(), temporary_, file_.get())) {
    temporary_.clear();
    return {"io", 0, "its temporary file was removed"};
  }
  if (Failure failed = set_attributes(file_.get(), attributes)) return failed;
  if (sync && fsync(file_.get()) != 0) return failure(errno, "fsync");
  if (fstat(file_.get(), &published) != 0) return failure(errno, "fstat");
  if (version &&
      (static_cast<uint64_t>(published.st_size) != version->size || mtime_ns(published) != version->mtime_ns))
    return {"changed", 0, "the staged file"};
  Failure failed = replace == Replace::nothing    ? move_to_free_name()
                   : replace == Replace::expected ? exchange_for_expected()
                                                  : move_over_any();
  if (!failed && sync) {
    const UniqueFd folder(openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || fsync(folder.get()) != 0) failed = failure(errno, folder ? "fsync" : "open");
  }
  return failed;
}

void StagedFile::discard() {
  if (!temporary_.empty() && leads_to(folder_.get(), temporary_, file_.get()))
    unlinkat(folder_.get(), temporary_.c_str(), 0);
  temporary_.clear();
  file_.reset();
  existing_.reset();
  folder_.reset();
}

}  // namespace sluice
