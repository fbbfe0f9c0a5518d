// SPDX-License-Identifier: Apache-2.0
#include "native/runtime/failure.h"

#include <cerrno>
#include <exception>
#include <new>
#include <system_error>

namespace sluice {

Failure system_failure(int error, const char* call) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return {"notFound", error, call};
    case ENAMETOOLONG:
    case ELOOP:
      return {"badPath", error, call};
    case EACCES:
    case EPERM:
    case ENOKEY:  // of an encrypted folder
    case EKEYEXPIRED:
    case EKEYREVOKED:
      return {"permission", error, call};
    case EBADF:
      return {"badDescriptor", error, call};
    case EISDIR:
      return {"isDirectory", error, call};
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return {"limit", error, call};
    default:
      return {"io", error, call};
  }
}

Failure thrown_failure() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return {"limit", ENOMEM, "memory"};
  } catch (const std::system_error& error) {
    // EPERM is the poller's, about the kind of file; what else it throws is for want of a descriptor, a thread, or one
    // more of the user's watches.
    return {error.code().value() == EPERM ? "io" : "limit", error.code().value(), error.what()};
  } catch (const std::exception& error) {
    return {"io", 0, error.what()};
  } catch (...) {
    return {"io", 0, "an unknown exception"};
  }
}

}  // namespace sluice
