// SPDX-License-Identifier: Apache-2.0
#include "native/checksum/failure.h"

#include <cerrno>

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
      return {"limit", error, call};
    default:
      return {"io", error, call};
  }
}

}  // namespace sluice
