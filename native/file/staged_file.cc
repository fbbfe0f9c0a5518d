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

Result<> StagedFile::create(const std::string& root, const std::string& path, mode_t mode) {
  Result<Place> place = Place::open(root, path);
  if (!place) return place.failure();
  place_ = std::move(*place);
  if (const Result<> looked = look_at_existing(); !looked) return looked;
  return open_file(mode);
}

Result<> StagedFile::look_at_existing() {
  // O_PATH, because opening a device or a FIFO does something to it.
  existing_.reset(openat(place_.folder.get(), place_.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!existing_ && errno == ENOENT) return {};
  if (!existing_) return place_failure(errno, "open");
  if (fstat(existing_.get(), &existing_stat_) != 0) return place_failure(errno, "fstat");
  const mode_t mode = existing_stat_.st_mode;
  if (S_ISDIR(mode)) return Failure{FailureKind::is_directory, EISDIR};
  if (S_ISLNK(mode)) return Failure{.kind = FailureKind::not_a_file, .error = ELOOP, .detail = "a symbolic link"};
  if (!S_ISREG(mode))
    return Failure{.kind = FailureKind::not_a_file, .error = EINVAL, .detail = "a device, FIFO or socket"};
  return {};
}

Result<> StagedFile::open_file(mode_t mode) {
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
  Result<std::string> name = take_temporary_name(place_.folder.get(), [&](const std::string& name) -> Result<> {
    file_.reset(openat(place_.folder.get(), name.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, mode));
    return file_ ? hold_temporary_name(place_.folder.get(), name, file_.get()) : place_failure(errno, "open");
  });
  if (!name) return name.failure();
  temporary_ = std::move(*name);
  return {};
}

Result<struct stat> StagedFile::write(std::span<const uint8_t> content) const {
  for (size_t done = 0; done < content.size();) {
    const ssize_t count = pwrite(file_.get(), content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return place_failure(errno, "pwrite");
    done += static_cast<size_t>(count);
  }
  struct stat written{};
  if (fstat(file_.get(), &written) != 0) return place_failure(errno, "fstat");
  return written;
}

Result<> StagedFile::link_as(const std::string& name) const {
  const int folder = place_.folder.get();
  int linked;
  if (!temporary_.empty()) {
    linked = linkat(folder, temporary_.c_str(), folder, name.c_str(), 0);
  } else {
    // Whoever opened the file may name it by its descriptor from Linux 6.10 on; until then it takes
    // CAP_DAC_READ_SEARCH, and there seems to be no such file. The way through /proc is longer, and open to all.
    linked = linkat(file_.get(), "", folder, name.c_str(), AT_EMPTY_PATH);
    if (linked != 0 && errno == ENOENT)
      linked = linkat(AT_FDCWD, through_proc(file_.get()).c_str(), folder, name.c_str(), AT_SYMLINK_FOLLOW);
  }
  if (linked != 0) return place_failure(errno, "linkat");
  return {};
}

// Only a file with a name can take another one's place.
Result<> StagedFile::give_name() {
  if (!temporary_.empty()) return {};
  flock(file_.get(), LOCK_EX | LOCK_NB);  // nobody else has it open; the name is not abandoned while this is
  Result<std::string> name =
      take_temporary_name(place_.folder.get(), [this](const std::string& name) { return link_as(name); });
  if (!name) return name.failure();
  temporary_ = std::move(*name);
  return {};
}

Result<> StagedFile::rename_temporary(const std::string& name, unsigned flags) const {
  const int folder = place_.folder.get();
  if (renameat2(folder, temporary_.c_str(), folder, name.c_str(), flags) != 0) return place_failure(errno, "renameat2");
  return {};
}

Result<> StagedFile::give_random_name() {
  for (;;) {
    const std::string name = random_name();
    Result<> given = temporary_.empty() ? link_as(name) : rename_temporary(name, RENAME_NOREPLACE);
    if (given) temporary_ = name;
    if (given || given.failure().error != EEXIST) return given;
  }
}

Result<> StagedFile::move_to_free_name() {
  const bool links = temporary_.empty();
  Result<> moved = links ? link_as(place_.name) : rename_temporary(place_.name, RENAME_NOREPLACE);
  if (moved) temporary_.clear();
  // A hard link replaces nothing either; discard() takes the temporary name away.
  if (!moved && !links && lacks_rename_flags(moved.failure().error)) moved = link_as(place_.name);
  if (moved) return {};
  const int error = moved.failure().error;
  if (error == EEXIST) return Failure{FailureKind::exists, EEXIST};
  return place_failure(error, "linkat");
}

Result<bool> StagedFile::move_over_any() {
  const Result<struct stat> there = place_.look();
  if (!there && there.failure().error == ENOENT) {
    const Result<> moved = move_to_free_name();
    if (moved) return false;
    if (moved.failure().kind != FailureKind::exists) return moved.failure();
  }
  if (const Result<> named = give_name(); !named) return named.failure();
  if (renameat(place_.folder.get(), temporary_.c_str(), place_.folder.get(), place_.name.c_str()) != 0)
    return place_failure(errno, "renameat");
  temporary_.clear();
  return true;
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
Result<> StagedFile::exchange_for_expected() {
  const Failure differs{FailureKind::differs};
  // Where there is no exchange; of ENOSYS glibc makes EINVAL.
  const auto not_exchanged = [](const Failure& failure) {
    if (!lacks_rename_flags(failure.error)) return failure;
    const int refusal = refusal_of("renameat2");
    return Failure{FailureKind::no_condition, refusal ? refusal : failure.error, "renameat2"};
  };
  if (!existing_) return differs;
  const Identity expected = identity_of(existing_stat_);
  const Result<struct stat> found = place_.look();
  if (!found) return found.failure().error == ENOENT ? differs : found.failure();
  if (!is_still(*found, expected)) return differs;
  struct stat put{};
  if (fstat(file_.get(), &put) != 0) return place_failure(errno, "fstat");
  if (const Result<> named = give_random_name(); !named) return not_exchanged(named.failure());
  const auto exchange = [this] { return rename_temporary(place_.name, RENAME_EXCHANGE); };
  const auto look = [this] { return look_at(place_.folder.get(), temporary_); };
  // Ours, or an old one whose place somebody's newer file has taken.
  const auto remove_displaced = [this] {
    unlinkat(place_.folder.get(), temporary_.c_str(), 0);
    temporary_.clear();
  };
  // What has the temporary name may be another's only copy, and keeps it.
  const auto stopped_midway = [this](const Failure& failure) {
    temporary_.clear();
    return failure;
  };
  if (const Result<> exchanged = exchange(); !exchanged)
    return exchanged.failure().error == ENOENT ? differs : not_exchanged(exchanged.failure());
  Result<struct stat> out = look();
  if (!out) return stopped_midway(out.failure());
  if (is_still(*out, expected)) {
    remove_displaced();
    return {};
  }
  for (;;) {
    const struct stat displaced = *out;
    if (const Result<> exchanged = exchange(); !exchanged) {
      if (exchanged.failure().error != ENOENT) return stopped_midway(exchanged.failure());
      remove_displaced();  // whoever removed the new file meant this one
      return differs;
    }
    out = look();
    if (!out) return stopped_midway(out.failure());
    if (same_file(*out, put)) {
      remove_displaced();
      return differs;
    }
    put = displaced;
  }
}

Result<bool> StagedFile::take_name(const Publication& publication) {
  const auto& [replace, sync, attributes, version, keep_except, last_try] = publication;
  FolderLock lock;
  const Share share = replace == Replace::expected ? Share::alone : Share::many;
  if (const Result<> locked = lock.take(place_.folder.get(), share, last_try); !locked) return locked.failure();
  if (keep_except && replace != Replace::nothing) {
    const Result<Attributes> kept = user_attributes(place_.folder.get(), place_.name, *keep_except);
    if (!kept) return kept.failure();
    if (const Result<> set = set_attributes(file_.get(), *kept); !set) return set.failure();
    if (sync && !kept->empty() && fsync(file_.get()) != 0) return place_failure(errno, "fsync");
  }
  if (replace == Replace::any) return move_over_any();
  const bool exchanges = replace == Replace::expected;
  if (const Result<> taken = exchanges ? exchange_for_expected() : move_to_free_name(); !taken) return taken.failure();
  return exchanges;
}

Result<Published> StagedFile::publish(const Publication& publication) {
  const auto& version = publication.version;
  // Somebody may have tidied up, and the next have got the name.
  if (!temporary_.empty() && !leads_to(place_.folder.get(), temporary_, file_.get())) {
    temporary_.clear();
    return Failure{.kind = FailureKind::io, .detail = "its temporary file was removed"};
  }
  if (const Result<> set = set_attributes(file_.get(), publication.attributes); !set) return set.failure();
  if (publication.sync && fsync(file_.get()) != 0) return place_failure(errno, "fsync");
  Published published{};
  struct stat& stat = published.stat;
  if (fstat(file_.get(), &stat) != 0) return place_failure(errno, "fstat");
  if (version && (static_cast<uint64_t>(stat.st_size) != version->size || mtime_ns(stat) != version->mtime_ns))
    return Failure{FailureKind::changed};
  const Result<bool> replaced = take_name(publication);
  if (!replaced) return replaced.failure();
  published.replaced = *replaced;
  if (!publication.sync) return published;
  const UniqueFd folder(openat(place_.folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return place_failure(errno, "open");
  if (fsync(folder.get()) != 0) return place_failure(errno, "fsync");
  return published;
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
