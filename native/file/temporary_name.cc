// SPDX-License-Identifier: Apache-2.0
#include "native/file/temporary_name.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string_view>

#include "native/runtime/unique_fd.h"

namespace sluice {
namespace {

constexpr std::string_view kPrefix = ".sluice-";
constexpr int kNames = 256;
constexpr size_t kRandomBytes = 8;
constexpr time_t kDay = 24 * 60 * 60;

std::string numbered(int i) { return std::string(kPrefix) + std::to_string(i); }

// Nothing moves ctime back, while mtime may be set to that of the file that is copied.
bool looks_abandoned(const struct stat& file) {
  return S_ISREG(file.st_mode) && file.st_uid == geteuid() && time(nullptr) - file.st_ctim.tv_sec > kDay;
}

// Whether nothing has the name any more.
bool remove_abandoned(int folder, const std::string& name) {
  struct stat seen{};
  if (fstatat(folder, name.c_str(), &seen, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT;
  if (!looks_abandoned(seen)) return false;
  // NFS makes of flock a lock for writing, which wants a descriptor for writing.
  constexpr int kFlags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  UniqueFd file(openat(folder, name.c_str(), O_RDWR | kFlags));
  if (!file) file.reset(openat(folder, name.c_str(), O_RDONLY | kFlags));
  if (!file || flock(file.get(), LOCK_EX | LOCK_NB) != 0) return false;
  // While the lock is ours nobody else who keeps to these rules takes the name away from the file.
  return leads_to(folder, name, file.get()) && unlinkat(folder, name.c_str(), 0) == 0;
}

}  // namespace

Result<std::string> take_temporary_name(int folder, const std::function<Result<>(const std::string&)>& take) {
  // Behind the first free name nobody looks, so each time one look goes anywhere.
  uint8_t any = 0;
  if (getrandom(&any, sizeof any, 0) > 0) remove_abandoned(folder, numbered(any));
  for (int i = 0;; ++i) {
    // More at once get names that are not looked at again.
    std::string next = i < kNames ? numbered(i) : random_name();
    if (i < kNames && !remove_abandoned(folder, next)) continue;
    const Result<> taken = take(next);
    if (taken) return next;
    if (taken.failure().error != EEXIST) return taken.failure();
  }
}

Result<> hold_temporary_name(int folder, const std::string& name, int file) {
  // Who made the file has its lock at once, unless it was taken for abandoned in between. Where there are no locks
  // nobody else gets one either.
  if (flock(file, LOCK_EX | LOCK_NB) == 0 ? leads_to(folder, name, file) : errno != EWOULDBLOCK) return {};
  return Failure{FailureKind::exists, EEXIST, "flock"};
}

bool leads_to(int folder, const std::string& name, int file) {
  struct stat named{}, opened{};
  return fstatat(folder, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 && fstat(file, &opened) == 0 &&
         named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

std::string random_name() {
  std::array<uint8_t, kRandomBytes> bytes{};
  // As many as 256 bytes come whole once the pool is ready, which it was long before Node could start. Nobody need
  // guess them: they only have to differ from others'.
  if (getrandom(bytes.data(), bytes.size(), 0) < 0) {
    const int64_t now = std::chrono::steady_clock::now().time_since_epoch().count();
    static_assert(sizeof now == kRandomBytes);
    std::memcpy(bytes.data(), &now, sizeof now);
  }
  std::string name(kPrefix);
  for (const uint8_t byte : bytes) {
    char digits[3];
    snprintf(digits, sizeof digits, "%02x", byte);
    name += digits;
  }
  return name;
}

bool is_temporary_name(const std::string& name) {
  if (strncasecmp(name.c_str(), kPrefix.data(), kPrefix.size()) != 0) return false;
  const std::string digits = name.substr(kPrefix.size());
  if (digits.size() == 2 * kRandomBytes) return digits.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  for (int i = 0; i < kNames; ++i) {
    if (digits == std::to_string(i)) return true;
  }
  return false;
}

}  // namespace sluice
