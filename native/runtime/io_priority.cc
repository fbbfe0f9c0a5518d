// SPDX-License-Identifier: Apache-2.0
#include "native/runtime/io_priority.h"

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "native/runtime/failure_binding.h"

namespace sluice {
namespace {

// linux/ioprio.h, which is no C++: IOPRIO_WHO_PROCESS, and IOPRIO_CLASS_IDLE in its place.
constexpr int kWhoProcess = 1;
constexpr int kIdle = 3 << 13;

// The kernel keeps the class per thread, and a new thread has its maker's: all that there are now, and all that they
// will make, ask the disk only when nobody else does.
Result<> set_idle_io_priority() {
  DIR* threads = opendir("/proc/self/task");
  if (!threads) return system_failure(errno, "open");
  Result<> set;
  while (const dirent* entry = readdir(threads)) {
    const int id = atoi(entry->d_name);
    if (id <= 0) continue;
    const long result = syscall(SYS_ioprio_set, kWhoProcess, id, kIdle);
    if (result < 0 && errno != ESRCH) set = system_failure(errno, "ioprio_set");
  }
  closedir(threads);
  return set;
}

}  // namespace

// setIdleIoPriority() -> failure, if any
void register_io_priority(Napi::Env env, Napi::Object exports) {
  exports.Set("setIdleIoPriority", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                return result_to(info.Env(), set_idle_io_priority());
              }));
}

}  // namespace sluice
