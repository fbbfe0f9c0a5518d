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
#include <mutex>
#include <vector>

#include "native/privilege/capabilities.h"

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
std::atomic<bool> none_later;
std::atomic<int> last_error;

// A program that root starts has all that is in the bounding set, unless nothing that this thread starts gets more than
// it holds.
bool may_come_back(int capability) {
  return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 && (getuid() == 0 || geteuid() == 0) &&
         prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1;
}

// Safe in a signal handler: system calls only.
int drop_in_this_thread(uint64_t mask) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct sets[2];
  if (syscall(SYS_capget, &header, sets) < 0) return -errno;
  if (none_later && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -errno;
  for (int capability = 0; capability < 64; ++capability) {
    if (!(mask >> capability & 1)) continue;
    // Without CAP_SETPCAP it is refused.
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && may_come_back(capability)) return -EPERM;
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

// Only /proc knows which threads there are.
Result<std::vector<pid_t>> list_threads() {
  std::vector<pid_t> ids;
  DIR* folder = opendir("/proc/self/task");
  if (!folder) return system_failure(errno, "open");
  while (const dirent* entry = readdir(folder)) {
    if (const int id = atoi(entry->d_name); id > 0) ids.push_back(id);
  }
  closedir(folder);
  return ids;
}

// Whether the thread still holds one of them. One that is gone holds none.
Result<bool> holds(pid_t thread, uint64_t mask) {
  const Result<Capabilities> held = capabilities_of(thread);
  if (held) return (held->permitted & mask) != 0;
  if (held.failure().error == ESRCH) return false;
  return held.failure();
}

// Interrupts those that still hold one. Returns how many there were.
Result<int> interrupt_holders(uint64_t mask, bool signal) {
  const Result<std::vector<pid_t>> threads = list_threads();
  if (!threads) return threads.failure();
  int left = 0;
  for (const pid_t thread : *threads) {
    const Result<bool> held = holds(thread, mask);
    if (!held) return held.failure();
    left += *held;
    if (*held && signal) syscall(SYS_tgkill, getpid(), thread, kSignal);
  }
  return left;
}

}  // namespace

Result<> drop_capabilities(uint64_t mask, bool for_programs_too) {
  static std::mutex once;
  std::lock_guard lock(once);
  mask_to_drop = mask;
  none_later = for_programs_too;
  last_error = 0;

  const KernelAction action{on_signal, SA_RESTART | kRestorerFlag, kRestorer, 0};
  // It stays: a signal that is still pending when we return must not end the process.
  if (syscall(SYS_rt_sigaction, kSignal, &action, nullptr, sizeof(action.mask)) < 0)
    return system_failure(errno, "rt_sigaction");

  int error = drop_in_this_thread(mask);
  // A new thread inherits from one that may not have dropped yet: until two rounds in a row find nobody
  // left, the second of which lists what was made during the first.
  int clean = 0;
  for (int round = 0; error == 0 && clean < 2 && round < 1000; ++round) {
    const Result<int> left = interrupt_holders(mask, round % 50 == 0);
    if (!left) return left.failure();
    clean = *left > 0 ? 0 : clean + 1;
    if (*left > 0) {
      const timespec pause{.tv_sec = 0, .tv_nsec = 1'000'000};
      nanosleep(&pause, nullptr);
    }
    if (last_error != 0) error = last_error;
  }
  if (error == 0 && clean < 2) error = -EAGAIN;
  if (error != 0) return system_failure(-error, "capset");
  return {};
}

}  // namespace sluice
