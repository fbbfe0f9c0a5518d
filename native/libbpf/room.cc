// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/room.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <vector>

#include "native/libbpf/refusal.h"
#include "native/runtime/unique_fd.h"

namespace sluice {

void expect_room(Napi::Env env, const std::string& what, size_t descriptors) {
  int error = 0;
  {
    std::vector<UniqueFd> held;
    while (held.size() < descriptors && !error) {
      // Not duplicates: they would not show that the system has no more open files to give.
      held.emplace_back(eventfd(0, EFD_CLOEXEC));
      if (!held.back()) error = errno;
    }
  }
  if (error) throw refusal(env, what, error);
}

}  // namespace sluice
