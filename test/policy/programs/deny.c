/* deny ERRNO CALL -- COMMAND…: runs a command in which one system call, or one command of fcntl, or opening with
 * O_TMPFILE, fails with ERRNO, as where a seccomp filter does not allow it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct call {
  const char *name;
  unsigned number;
  int argument;   /* which of them tells it apart; -1: none */
  unsigned mask;  /* of its bits */
  unsigned value;
};

#define WHOLE(name) {#name, SYS_##name, -1, 0, 0}
#define FCNTL(name) {#name, SYS_fcntl, 1, ~0u, name}

static const struct call calls[] = {
    WHOLE(bpf), WHOLE(capget), WHOLE(capset), WHOLE(clock_nanosleep), WHOLE(fallocate), WHOLE(fchmod), WHOLE(fchown),
    WHOLE(fdatasync), WHOLE(fgetxattr), WHOLE(flistxattr), WHOLE(flock), WHOLE(fremovexattr), WHOLE(fsetxattr),
    WHOLE(fstatfs), WHOLE(fsync), WHOLE(ftruncate), WHOLE(getrandom), WHOLE(ioprio_set), WHOLE(kcmp),
    WHOLE(linkat), WHOLE(lseek), WHOLE(madvise), WHOLE(openat2), WHOLE(perf_event_open), WHOLE(pipe2), WHOLE(prctl),
    WHOLE(pwrite64), WHOLE(renameat), WHOLE(renameat2), WHOLE(splice), WHOLE(statx), WHOLE(tee), WHOLE(unlinkat),
    WHOLE(utimensat), WHOLE(vmsplice),
    FCNTL(F_SETLEASE), FCNTL(F_GETLEASE), FCNTL(F_SETOWN_EX), FCNTL(F_SETPIPE_SZ), FCNTL(F_GETPIPE_SZ),
    {"O_TMPFILE", SYS_openat, 2, O_TMPFILE & ~O_DIRECTORY, O_TMPFILE & ~O_DIRECTORY},
};

int main(int count, char **words) {
  if (count < 5) return fprintf(stderr, "deny ERRNO CALL -- COMMAND\n"), 2;
  const struct call *call = NULL;
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
    if (!strcmp(calls[i].name, words[2])) call = &calls[i];
  if (!call) return fprintf(stderr, "deny: no call %s\n", words[2]), 2;
  const unsigned refuse = SECCOMP_RET_ERRNO | (unsigned)atoi(words[1]);
  const unsigned argument =
      offsetof(struct seccomp_data, args) + 8 * (unsigned)(call->argument < 0 ? 0 : call->argument);
  struct sock_filter whole[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call->number, 0, 4),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, call->mask),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call->value, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, refuse),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof whole / sizeof *whole, whole};
  /* Root keeps what set-user-ID would give; others have to give it up. */
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) return perror("seccomp"), 2;
  execvp(words[4], words + 4);
  return perror(words[4]), 2;
}
