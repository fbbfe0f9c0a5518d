// SPDX-License-Identifier: Apache-2.0
#include "native/system/refused_call.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <map>

namespace sluice {
namespace {

constexpr long kAny = -1;

struct Call {
  long number;
  long second = kAny;  // the argument that tells the commands of one call apart
};

// By the names that failures have; glibc's own where it makes a call by another name.
const std::map<std::string, Call>& calls() {
  static const std::map<std::string, Call> all = {
      {"bpf", {SYS_bpf}},
      {"capget", {SYS_capget}},
      {"capset", {SYS_capset}},
      {"dup", {SYS_fcntl, F_DUPFD_CLOEXEC}},
      {"epoll_create1", {SYS_epoll_create1}},
      {"epoll_ctl", {SYS_epoll_ctl}},
      {"F_GETFL", {SYS_fcntl, F_GETFL}},
      {"F_SETFL", {SYS_fcntl, F_SETFL}},
      {"fallocate", {SYS_fallocate}},
      {"fchmod", {SYS_fchmod}},
      {"fchown", {SYS_fchown}},
      {"fdatasync", {SYS_fdatasync}},
      {"fgetxattr", {SYS_fgetxattr}},
      {"flistxattr", {SYS_flistxattr}},
      {"flock", {SYS_flock}},
      {"fremovexattr", {SYS_fremovexattr}},
      {"fsetxattr", {SYS_fsetxattr}},
      {"fstat", {SYS_newfstatat}},
      {"fstatat", {SYS_newfstatat}},
      {"fsync", {SYS_fsync}},
      {"ftruncate", {SYS_ftruncate}},
      {"futime", {SYS_utimensat}},
      {"futimens", {SYS_utimensat}},
      {"getrandom", {SYS_getrandom}},
      {"ioprio_set", {SYS_ioprio_set}},
      {"linkat", {SYS_linkat}},
      {"lseek", {SYS_lseek}},
      {"mkdirat", {SYS_mkdirat}},
      {"mmap", {SYS_mmap}},
      {"open", {SYS_openat}},
      {"openat2", {SYS_openat2}},
      {"perf_event_open", {SYS_perf_event_open}},
      {"pipe2", {SYS_pipe2}},
      {"prctl", {SYS_prctl}},
      {"pwrite", {SYS_pwrite64}},
      {"read", {SYS_pread64}},
      {"renameat", {SYS_renameat}},
      {"renameat2", {SYS_renameat2}},
      {"splice", {SYS_splice}},
      {"stat", {SYS_newfstatat}},
      {"statx", {SYS_statx}},
      {"tee", {SYS_tee}},
      {"unlinkat", {SYS_unlinkat}},
      {"vmsplice", {SYS_vmsplice}},
      {"write", {SYS_pwrite64}},
  };
  return all;
}

// What seccomp filters, and kernels without the call, answer. Of the arguments below a kernel says EBADF, EFAULT,
// EINVAL.
bool is_refusal(int error) { return error == EPERM || error == EACCES || error == ENOSYS || error == EOPNOTSUPP; }

}  // namespace

bool is_filtered() {
  const int mode = prctl(PR_GET_SECCOMP);
  return mode == SECCOMP_MODE_FILTER || mode < 0;  // this call may be refused as well
}

int refusal_of(const std::string& call) {
  const auto found = calls().find(call);
  if (found == calls().end()) return 0;
  const auto& [number, second] = found->second;
  const int before = errno;
  // No descriptor, no memory, no flags that there are: nothing comes of it where it is allowed.
  const long result = syscall(number, kAny, second, kAny, kAny, kAny, kAny);
  const int refusal = result < 0 && is_refusal(errno) ? errno : 0;
  errno = before;
  return refusal;
}

Refuser refuser_of(const std::string& call, int error) {
  if (error == 0 || refusal_of(call) != error) return Refuser::nobody;
  return is_filtered() ? Refuser::seccomp : Refuser::kernel;
}

}  // namespace sluice
