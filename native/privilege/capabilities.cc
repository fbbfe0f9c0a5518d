// SPDX-License-Identifier: Apache-2.0
#include "native/privilege/capabilities.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace sluice {

Result<Capabilities> capabilities_of(pid_t thread) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = thread};
  __user_cap_data_struct words[2] = {};
  if (syscall(SYS_capget, &header, words) < 0) return system_failure(errno, "capget");
  Capabilities held;
  held.effective = words[0].effective | static_cast<uint64_t>(words[1].effective) << 32;
  held.permitted = words[0].permitted | static_cast<uint64_t>(words[1].permitted) << 32;
  return held;
}

}  // namespace sluice
