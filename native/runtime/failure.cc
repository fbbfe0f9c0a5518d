// SPDX-License-Identifier: Apache-2.0
#include "native/runtime/failure.h"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <iterator>
#include <new>
#include <system_error>
#include <utility>

namespace sluice {
namespace {

using enum FailureKind;

struct Meaning {
  int error;
  FailureKind file, place, end, lock;
};

// What is not here is `io` on all of them.
constexpr Meaning kMeanings[] = {
    {ENOENT, not_found, not_found, io, not_found},
    {ENOTDIR, not_found, not_found, io, not_found},
    {ENAMETOOLONG, bad_path, too_long, io, bad_path},
    {ELOOP, bad_path, outside, io, bad_path},
    {EXDEV, io, outside, io, io},
    {EACCES, permission, permission, forbidden, permission},
    {EPERM, permission, permission, forbidden, permission},
    {EROFS, io, permission, forbidden, io},
    // of an encrypted folder
    {ENOKEY, permission, permission, io, permission},
    {EKEYEXPIRED, permission, permission, io, permission},
    {EKEYREVOKED, permission, permission, io, permission},
    {EISDIR, is_directory, is_directory, io, is_directory},
    {ENOTEMPTY, io, is_directory, io, io},
    {EMFILE, limit, limit, io, limit},
    {ENFILE, limit, limit, io, limit},
    {ENOMEM, limit, limit, io, limit},
    {ENOSPC, io, no_space, no_space, io},
    {EDQUOT, io, no_space, no_space, io},
    {EFBIG, io, no_space, no_space, io},
    {EMLINK, io, no_space, io, io},
    {EPIPE, io, io, disconnected, io},
    {ECONNRESET, io, io, disconnected, io},
    {ECONNABORTED, io, io, disconnected, io},
    {ENOTCONN, io, io, disconnected, io},
    {ETIMEDOUT, io, io, disconnected, io},
    {EHOSTUNREACH, io, io, disconnected, io},
    {ENETUNREACH, io, io, disconnected, io},
    {EWOULDBLOCK, io, io, io, busy},
    // NFS wants a descriptor that is open for writing, which a folder's can't be.
    {EBADF, bad_descriptor, bad_descriptor, io, no_condition},
    {EINVAL, io, io, io, no_condition},
    {ENOLCK, io, io, io, no_condition},
    {ENOSYS, io, io, io, no_condition},
    {EOPNOTSUPP, io, io, io, no_condition},
};

}  // namespace

FailureKind kind_of(int error, Subject subject) {
  const auto* const found = std::ranges::find(kMeanings, error, &Meaning::error);
  if (found == std::end(kMeanings)) return io;
  switch (subject) {
    case Subject::file:
      return found->file;
    case Subject::place:
      return found->place;
    case Subject::end:
      return found->end;
    case Subject::lock:
      return found->lock;
  }
  __builtin_unreachable();
}

Failure system_failure(int error, std::string detail, Subject subject) {
  return {kind_of(error, subject), error, std::move(detail)};
}

Failure thrown_failure() {
  try {
    throw;
  } catch (const Failure& failure) {
    return failure;
  } catch (const std::bad_alloc&) {
    return {limit, ENOMEM, "memory"};
  } catch (const std::system_error& error) {
    return {limit, error.code().value(), error.what()};  // a thread, of the standard library
  } catch (const std::exception& error) {
    return {io, 0, error.what()};
  } catch (...) {
    return {io, 0, "an unknown exception"};
  }
}

}  // namespace sluice
