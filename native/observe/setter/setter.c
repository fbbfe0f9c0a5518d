// SPDX-License-Identifier: Apache-2.0
//
// Sets and removes attributes of files whose descriptors it is sent, and can do nothing else: it holds CAP_DAC_OVERRIDE so
// that the observer, which reads what anybody may have written, does not have to.
//
// usage: attribute-setter NAME...    with a socket as standard input; the names are those of the attributes

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "native/observe/setter/protocol.h"

enum { SOCKET = 0 };

// Exit statuses, besides 0 when the observer is gone.
enum { NOT_CONFINED = 1, BAD_REQUEST = 2, NO_ANSWER = 3 };

#ifdef __x86_64__
enum { ARCHITECTURE = AUDIT_ARCH_X86_64 };
#else
enum { ARCHITECTURE = AUDIT_ARCH_AARCH64 };
#endif

static int keep_one_capability(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct held[2], kept[2] = {{0}};
  if (syscall(SYS_capget, &header, held) != 0) return -1;
  kept[0].permitted = kept[0].effective = held[0].permitted & 1u << CAP_DAC_OVERRIDE;
  return (int)syscall(SYS_capset, &header, kept);
}

static int allow_few_calls(void) {
#define ALLOW(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      ALLOW(recvmsg),
      ALLOW(sendto),
      ALLOW(fsetxattr),
      ALLOW(fremovexattr),
      ALLOW(close),
      ALLOW(exit_group),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
  };
#undef ALLOW
  const struct sock_fprog program = {.len = sizeof(filter) / sizeof(filter[0]), .filter = filter};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int confine(void) {
  if (syscall(SYS_close_range, SOCKET + 1, ~0u, 0) != 0) return -1;
  if (prctl(PR_SET_DUMPABLE, 0) != 0 || keep_one_capability() != 0) return -1;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return allow_few_calls();
}

// The next request. Returns the number of its bytes; it does not return when the observer is gone.
static size_t receive(char* request, int* files, size_t* count) {
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * SETTER_FILES)];
  struct iovec bytes = {.iov_base = request, .iov_len = SETTER_REQUEST};
  struct msghdr message = {
      .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
  const ssize_t length = recvmsg(SOCKET, &message, MSG_CMSG_CLOEXEC);
  if (length <= 0) _exit(0);
  if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) _exit(BAD_REQUEST);
  const struct cmsghdr* sent = CMSG_FIRSTHDR(&message);
  if (!sent || sent->cmsg_level != SOL_SOCKET || sent->cmsg_type != SCM_RIGHTS) _exit(BAD_REQUEST);
  *count = (sent->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  memcpy(files, CMSG_DATA(sent), *count * sizeof(int));
  return (size_t)length;
}

static int change(int file, const char* name, const char* value, uint16_t length) {
  if (length != SETTER_REMOVE) return fsetxattr(file, name, value, length, 0);
  const int removed = fremovexattr(file, name);
  return removed != 0 && errno == ENODATA ? 0 : removed;
}

static void change_all(const char* request, size_t length, const int* files, size_t count, char** names,
                       size_t name_count, struct setter_result* results) {
  for (size_t at = 0; at < length;) {
    struct setter_change next;
    if (length - at < sizeof(next)) _exit(BAD_REQUEST);
    memcpy(&next, request + at, sizeof(next));
    at += sizeof(next);
    const size_t size = next.length == SETTER_REMOVE ? 0 : next.length;
    if (next.file >= count || next.name >= name_count || size > SETTER_VALUE || size > length - at) _exit(BAD_REQUEST);
    struct setter_result* result = &results[next.file];
    if (result->error == 0 && change(files[next.file], names[next.name], request + at, next.length) != 0) {
      result->error = errno;
      result->name = next.name;
      result->removal = next.length == SETTER_REMOVE;
    }
    at += size;
  }
}

// The observer takes one answer before it asks again, so that there is room for it.
static void answer(const struct setter_result* results, size_t count) {
  if (sendto(SOCKET, results, count * sizeof(*results), MSG_NOSIGNAL, NULL, 0) < 0) _exit(NO_ANSWER);
}

int main(int argc, char** argv) {
  static char request[SETTER_REQUEST];
  int files[SETTER_FILES];
  if (confine() != 0) return NOT_CONFINED;
  const struct setter_result ready = {0};
  answer(&ready, 1);
  for (;;) {
    struct setter_result results[SETTER_FILES] = {{0}};
    size_t count;
    const size_t length = receive(request, files, &count);
    change_all(request, length, files, count, argv + 1, (size_t)argc - 1, results);
    for (size_t i = 0; i < count; ++i) close(files[i]);
    answer(results, count);
  }
}
