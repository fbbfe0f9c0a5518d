// SPDX-License-Identifier: Apache-2.0
#include "native/file/named_file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <tuple>

#include "native/file/folder_lock.h"
#include "native/file/temporary_name.h"

namespace sluice {
namespace {

const Failure kDiffers{FailureKind::differs};

Failure not_moved(int error, const char* call) {
  return error == EXDEV ? Failure{FailureKind::other_device, error, call} : place_failure(error, call);
}

Failure not_free(int error, const char* call) {
  if (error == EEXIST) return {FailureKind::exists, EEXIST};
  return not_moved(error, call);
}

// Whether the name is still that file's.
Result<> expect(const Place& place, const Identity& expected) {
  const Result<struct stat> found = place.look();
  if (found && is_still(*found, expected)) return {};
  return found || found.failure().error == ENOENT ? kDiffers : found.failure();
}

// A hard link replaces nothing either, and a rename no folder that something is in.
Result<> move_without_flags(const Place& from, const Place& to) {
  const Result<struct stat> source = from.look();
  if (!source) return source.failure();
  const int a = from.folder.get();
  const int b = to.folder.get();
  if (!S_ISDIR(source->st_mode)) {
    if (linkat(a, from.name.c_str(), b, to.name.c_str(), 0) != 0) return not_free(errno, "linkat");
    if (unlinkat(a, from.name.c_str(), 0) != 0) return place_failure(errno, "unlinkat");
    return {};
  }
  if (mkdirat(b, to.name.c_str(), S_IRWXU) != 0) return not_free(errno, "mkdirat");
  if (renameat(a, from.name.c_str(), b, to.name.c_str()) == 0) return {};
  const int error = errno == ENOTEMPTY ? EEXIST : errno;
  unlinkat(b, to.name.c_str(), AT_REMOVEDIR);  // unless something is in it by now
  return not_free(error, "renameat");
}

Result<> move_to_free(const Place& from, const Place& to) {
  if (renameat2(from.folder.get(), from.name.c_str(), to.folder.get(), to.name.c_str(), RENAME_NOREPLACE) == 0)
    return {};
  if (lacks_rename_flags(errno)) return move_without_flags(from, to);
  return not_free(errno, "renameat2");
}

// Both in the same order for all who ask, so that two that move to and fro do not wait for each other.
Result<> lock_both(const Place& from, const Place& to, const Move& move, FolderLock& first, FolderLock& second) {
  const int source = from.folder.get();
  const int target = to.folder.get();
  const Share share = move.replace == Replace::expected ? Share::alone : Share::many;
  if (!move.expected) return first.take(target, share, move.last_try);
  struct stat a{}, b{};
  if (fstat(source, &a) != 0 || fstat(target, &b) != 0) return place_failure(errno, "fstat");
  if (same_file(a, b)) return first.take(source, Share::alone);
  const bool ahead = std::tie(a.st_dev, a.st_ino) < std::tie(b.st_dev, b.st_ino);
  Result<> locked = ahead ? first.take(source, Share::alone) : first.take(target, share, move.last_try);
  if (!locked) return locked;
  return ahead ? second.take(target, share, move.last_try) : second.take(source, Share::alone);
}

}  // namespace

Result<> remove_named(const Place& place, const std::optional<Identity>& expected) {
  const int folder = place.folder.get();
  if (!expected) {
    if (unlinkat(folder, place.name.c_str(), 0) != 0) return place_failure(errno, "unlinkat");
    return {};
  }
  FolderLock lock;
  if (const Result<> locked = lock.take(folder, Share::alone); !locked) return locked;
  const Result<struct stat> found = place.look();
  if (!found) return found.failure().error == ENOENT ? kDiffers : found.failure();
  if (!is_still(*found, *expected)) return kDiffers;
  if (S_ISDIR(found->st_mode)) return Failure{FailureKind::is_directory, EISDIR};
  const Place aside{.folder = UniqueFd(fcntl(folder, F_DUPFD_CLOEXEC, 3)), .name = random_name()};
  if (!aside.folder) return place_failure(errno, "dup");
  if (renameat(folder, place.name.c_str(), folder, aside.name.c_str()) != 0)
    return errno == ENOENT ? kDiffers : place_failure(errno, "renameat");
  if (expect(aside, *expected)) {
    if (unlinkat(folder, aside.name.c_str(), 0) == 0) return {};
    const Failure failed = place_failure(errno, "unlinkat");
    std::ignore = move_to_free(aside, place);  // a filter may refuse that call alone
    return failed;
  }
  const Result<> put_back = move_to_free(aside, place);
  return put_back ? kDiffers : put_back.failure();
}

Result<> move_named(const Place& from, const Place& to, const Move& move) {
  FolderLock first, second;
  if (const Result<> locked = lock_both(from, to, move, first, second); !locked) return locked;
  if (move.expected) {
    if (const Result<> same = expect(from, *move.expected); !same) return same;
  }
  if (move.replace == Replace::nothing) return move_to_free(from, to);
  if (move.replace == Replace::expected) {
    if (const Result<> same = expect(to, move.replaced); !same) return same;
  }
  if (renameat(from.folder.get(), from.name.c_str(), to.folder.get(), to.name.c_str()) != 0)
    return not_moved(errno, "renameat");
  return {};
}

}  // namespace sluice
