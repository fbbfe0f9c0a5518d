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

const Failure kDiffers{"differs", 0, "the name"};

Failure absent(int error, const char* call) {
  if (error == EXDEV) return {"otherDevice", error, call};
  return error == ENOENT ? Failure{"gone", error, call} : place_failure(error, call);
}

Failure not_free(int error, const char* call) {
  return error == EEXIST ? Failure{"exists", EEXIST, "the destination"} : absent(error, call);
}

// A hard link replaces nothing either, and a rename no folder that something is in.
Failure move_without_flags(const Place& from, const Place& to) {
  struct stat source{};
  if (from.look(source) != 0) return absent(errno, "fstatat");
  const int a = from.folder.get();
  const int b = to.folder.get();
  if (!S_ISDIR(source.st_mode)) {
    if (linkat(a, from.name.c_str(), b, to.name.c_str(), 0) != 0) return not_free(errno, "linkat");
    return unlinkat(a, from.name.c_str(), 0) == 0 ? Failure{} : absent(errno, "unlinkat");
  }
  if (mkdirat(b, to.name.c_str(), S_IRWXU) != 0) return not_free(errno, "mkdirat");
  if (renameat(a, from.name.c_str(), b, to.name.c_str()) == 0) return {};
  const int error = errno == ENOTEMPTY ? EEXIST : errno;
  unlinkat(b, to.name.c_str(), AT_REMOVEDIR);  // unless something is in it by now
  return not_free(error, "renameat");
}

Failure move_to_free(const Place& from, const Place& to) {
  if (renameat2(from.folder.get(), from.name.c_str(), to.folder.get(), to.name.c_str(), RENAME_NOREPLACE) == 0)
    return {};
  return lacks_rename_flags(errno) ? move_without_flags(from, to) : not_free(errno, "renameat2");
}

// Both in the same order for all who ask, so that two that move to and fro do not wait for each other.
Failure lock_both(const Place& from, const Place& to, const Move& move, FolderLock& first, FolderLock& second) {
  const int source = from.folder.get();
  const int target = to.folder.get();
  const Share share = move.replace == Replace::expected ? Share::alone : Share::many;
  if (!move.expected) return first.take(target, share, move.last_try);
  struct stat a{}, b{};
  if (fstat(source, &a) != 0 || fstat(target, &b) != 0) return place_failure(errno, "fstat");
  if (same_file(a, b)) return first.take(source, Share::alone);
  const bool ahead = std::tie(a.st_dev, a.st_ino) < std::tie(b.st_dev, b.st_ino);
  if (Failure failed = ahead ? first.take(source, Share::alone) : first.take(target, share, move.last_try))
    return failed;
  return ahead ? second.take(target, share, move.last_try) : second.take(source, Share::alone);
}

}  // namespace

Failure remove_named(const Place& place, const std::optional<Identity>& expected) {
  const int folder = place.folder.get();
  if (!expected) return unlinkat(folder, place.name.c_str(), 0) == 0 ? Failure{} : absent(errno, "unlinkat");
  FolderLock lock;
  if (Failure failed = lock.take(folder, Share::alone)) return failed;
  struct stat found{};
  if (place.look(found) != 0) return errno == ENOENT ? kDiffers : place_failure(errno, "fstatat");
  if (!is_still(found, *expected)) return kDiffers;
  if (S_ISDIR(found.st_mode)) return {"isDirectory", EISDIR, "the name"};
  Place aside;
  aside.folder.reset(fcntl(folder, F_DUPFD_CLOEXEC, 3));
  aside.name = random_name();
  if (!aside.folder) return place_failure(errno, "dup");
  if (renameat(folder, place.name.c_str(), folder, aside.name.c_str()) != 0) {
    return errno == ENOENT ? kDiffers : place_failure(errno, "renameat");
  }
  if (aside.look(found) == 0 && is_still(found, *expected)) {
    if (unlinkat(folder, aside.name.c_str(), 0) == 0) return {};
    const Failure failed = place_failure(errno, "unlinkat");
    move_to_free(aside, place);  // a filter may refuse that call alone
    return failed;
  }
  const Failure failed = move_to_free(aside, place);
  return failed ? failed : kDiffers;
}

Failure move_named(const Place& from, const Place& to, const Move& move) {
  FolderLock first, second;
  if (Failure failed = lock_both(from, to, move, first, second)) return failed;
  struct stat found{};
  if (move.expected) {
    if (from.look(found) != 0) return errno == ENOENT ? kDiffers : place_failure(errno, "fstatat");
    if (!is_still(found, *move.expected)) return kDiffers;
  }
  if (move.replace == Replace::nothing) return move_to_free(from, to);
  if (move.replace == Replace::expected) {
    if (to.look(found) != 0) return errno == ENOENT ? kDiffers : place_failure(errno, "fstatat");
    if (!is_still(found, move.replaced)) return kDiffers;
  }
  if (renameat(from.folder.get(), from.name.c_str(), to.folder.get(), to.name.c_str()) == 0) return {};
  return absent(errno, "renameat");
}

}  // namespace sluice
