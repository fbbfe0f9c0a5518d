// SPDX-License-Identifier: Apache-2.0
#include "native/privilege/drop.h"

#include <dirent.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

namespace sluice {
namespace {

// glibc keeps the first real-time signal for pthread_cancel, which Node does not use, and lets no thread block it: some
// of Node's threads block all others.
constexpr int kSignal = 32;

// What the kernel takes; glibc's sigaction refuses the signals it keeps.
struct KernelAction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)();
  uint64_t mask;
};

#ifdef __x86_64__
// Where a handler returns to: rt_sigreturn, which x86 wants from user space.
asm(R"(
  .text
  .hidden sluice_sigreturn
  .globl sluice_sigreturn
  .type sluice_sigreturn, @function
sluice_sigreturn:
  mov $15, %eax
  syscall
)");
extern "C" void sluice_sigreturn();
constexpr unsigned long kRestorerFlag = 0x04000000;  // SA_RESTORER
constexpr void (*kRestorer)() = sluice_sigreturn;
#else
constexpr unsigned long kRestorerFlag = 0;
constexpr void (*kRestorer)() = nullptr;  // the kernel's own
#endif

std::atomic<uint64_t> mask_to_drop;
std::atomic<int> last_error;

// Safe in a signal handler: system calls only.
int drop_in_this_thread(uint64_t mask) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct sets[2];
  if (syscall(SYS_capget, &header, sets) < 0) return -errno;
  // Or a program that root starts would have them again. Without CAP_SETPCAP it is refused: then this is not root.
  for (int capability = 0; capability < 64; ++capability) {
    if (mask >> capability & 1) syscall(SYS_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  for (int word = 0; word < 2; ++word) {
    const auto gone = ~static_cast<uint32_t>(mask >> (32 * word));
    sets[word].effective &= gone;
    sets[word].permitted &= gone;
    sets[word].inheritable &= gone;  // what is not inheritable leaves the ambient set by itself
  }
  return syscall(SYS_capset, &header, sets) < 0 ? -errno : 0;
}

void on_signal(int) {
  const int saved = errno;
  if (const int error = drop_in_this_thread(mask_to_drop); error < 0) last_error = error;
  errno = saved;
}

std::vector<pid_t> threads() {
  std::vector<pid_t> ids;
  DIR* folder = opendir("/proc/self/task");
  if (!folder) return ids;
  while (const dirent* entry = readdir(folder)) {
    if (const int id = atoi(entry->d_name); id > 0) ids.push_back(id);
  }
  closedir(folder);
  return ids;
}

// Whether the thread still holds one of them. A thread that is gone holds nothing.
bool holds(pid_t thread, uint64_t mask) {
  std::ifstream status("/proc/self/task/" + std::to_string(thread) + "/status");
  std::string key;
  while (status >> key) {
    if (key == "CapPrm:") {
      std::string bits;
      status >> bits;
      return (std::stoull(bits, nullptr, 16) & mask) != 0;
    }
  }
  return false;
}

}  // namespace

int drop_capabilities(uint64_t mask) {
  static std::mutex once;
  std::lock_guard lock(once);
  mask_to_drop = mask;
  last_error = 0;

  const KernelAction action{on_signal, SA_RESTART | kRestorerFlag, kRestorer, 0};
  // It stays: a signal that is still pending when we return must not end the process.
  if (syscall(SYS_rt_sigaction, kSignal, &action, nullptr, sizeof(action.mask)) < 0) return -errno;

  int error = drop_in_this_thread(mask);
  // A new thread inherits from one that may not have dropped yet: until two rounds in a row find nobody
  // left, the second of which lists what was made during the first.
  int clean = 0;
  for (int round = 0; error == 0 && clean < 2 && round < 1000; ++round) {
    bool left = false;
    for (const pid_t thread : threads()) {
      if (!holds(thread, mask)) continue;
      left = true;
      if (round % 50 == 0) syscall(SYS_tgkill, getpid(), thread, kSignal);
    }
    clean = left ? 0 : clean + 1;
    if (left) {
      const timespec pause{.tv_sec = 0, .tv_nsec = 1'000'000};
      nanosleep(&pause, nullptr);
    }
    if (last_error != 0) error = last_error;
  }
  if (error == 0 && clean < 2) error = -EAGAIN;
  return error;
}

}  // namespace sluice
