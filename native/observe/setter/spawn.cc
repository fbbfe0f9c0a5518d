// SPDX-License-Identifier: Apache-2.0
#include "native/observe/setter/spawn.h"

#include <linux/capability.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

namespace sluice {
namespace {

// A capability that this thread holds passes to the program that it starts; by itself it does so for root only.
class Inherited {
 public:
  explicit Inherited(int capability) : capability_(capability) {
    if (syscall(SYS_capget, &header_, before_) != 0) return;
    __user_cap_data_struct sets[2] = {before_[0], before_[1]};
    sets[0].inheritable |= sets[0].permitted & 1u << capability;
    if (syscall(SYS_capset, &header_, sets) != 0) return;
    raised_ = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0, 0) == 0 &&
              prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) == 0;
    changed_ = true;
  }
  ~Inherited() {
    if (raised_) prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, capability_, 0, 0);
    if (changed_) syscall(SYS_capset, &header_, before_);
  }

 private:
  const int capability_;
  __user_cap_header_struct header_{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct before_[2] = {};
  bool changed_ = false;
  bool raised_ = false;
};

}  // namespace

Result<pid_t> spawn_setter(const std::string& program, const std::vector<std::string>& arguments, int socket) {
  std::vector<char*> words{const_cast<char*>("attribute-setter")};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  char* const environment[] = {nullptr};
  sigset_t all;
  sigfillset(&all);

  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_setsigmask(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO);
  pid_t process = 0;
  int error;
  {
    const Inherited inherited(CAP_DAC_OVERRIDE);
    error = posix_spawn(&process, program.c_str(), &actions, &attributes, words.data(), environment);
  }
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return system_failure(error, "posix_spawn");
  return process;
}

}  // namespace sluice
