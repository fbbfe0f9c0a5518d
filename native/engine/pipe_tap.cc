// SPDX-License-Identifier: Apache-2.0
#include "native/engine/pipe_tap.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>
#include <mutex>

#include "native/runtime/failure.h"

namespace sluice {
namespace {

std::mutex installed_mutex;
std::shared_ptr<PipeTap> installed_tap;

[[noreturn]] void fail(const char* what) { throw system_failure(errno, what); }

UniqueFd duplicate(int fd) {
  UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!copy) fail("dup");
  return copy;
}

// The program's own return value, or -errno where the kernel did not run it.
template <typename Context>
int run_program(int program, Context& context) {
  LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &context, .ctx_size_in = sizeof(context));
  const int error = bpf_prog_test_run_opts(program, &options);
  return error < 0 ? error : static_cast<int>(options.retval);
}

}  // namespace

PipeTap::PipeTap(int bind_program, int run_program, int states_map, uint32_t slots)
    : bind_(duplicate(bind_program)), run_(duplicate(run_program)), slots_(slots), bound_(slots) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  mapped_ = (slots * sizeof(sluice_state) + page - 1) / page * page;
  void* memory = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_SHARED, states_map, 0);
  if (memory == MAP_FAILED) fail("mmap");
  states_ = static_cast<sluice_state*>(memory);
}

PipeTap::~PipeTap() { munmap(states_, mapped_); }

std::shared_ptr<PipeTap> PipeTap::installed() {
  std::lock_guard lock(installed_mutex);
  return installed_tap;
}

void PipeTap::install(std::shared_ptr<PipeTap> tap) {
  std::lock_guard lock(installed_mutex);
  installed_tap = std::move(tap);
}

int PipeTap::bind(uint32_t slot, int pipe) const {
  sluice_bind context{.slot = slot, .fd = pipe};
  return run_program(bind_.get(), context);
}

int PipeTap::bind_once(uint32_t slot, const Pipe& pipe) {
  if (bound_[slot] == pipe.id()) return SLUICE_TAP_OK;
  const int status = bind(slot, pipe.read_end());
  bound_[slot] = status == SLUICE_TAP_OK ? pipe.id() : 0;
  return status;
}

int PipeTap::run(uint32_t slot, int pipe, uint32_t algorithms, uint64_t bytes) const {
  sluice_run context{.slot = slot, .fd = pipe, .algorithms = algorithms, .reserved = 0, .bytes = bytes, .reduced = 0};
  const int status = run_program(run_.get(), context);
  return status == SLUICE_TAP_OK && context.reduced != bytes ? SLUICE_TAP_SHORT : status;
}

const char* tap_status_text(int status) {
  switch (status) {
    case SLUICE_TAP_OK:
      return "ok";
    case SLUICE_TAP_NO_SLOT:
      return "the tap has no such slot";
    case SLUICE_TAP_NOT_A_PIPE:
      return "the descriptor is not a pipe";
    case SLUICE_TAP_NOT_BOUND:
      return "the descriptor is no longer the tap's pipe";
    case SLUICE_TAP_UNREADABLE:
      return "a page in the pipe could not be read";
    case SLUICE_TAP_SHORT:
      return "fewer bytes were reduced than were spliced";
    case SLUICE_TAP_FOREIGN:
      return "the slot's sum is another backend's";
    default:
      return "the kernel did not run the program";
  }
}

int learn_page_address(int program, const uint8_t (&cookie)[SLUICE_COOKIE], uint64_t frames, sluice_page_address& out) {
  // One page that is never merged into a huge one: the search walks the page table to its frame.
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* memory = mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return -errno;
  madvise(memory, page, MADV_NOHUGEPAGE);
  std::memcpy(memory, cookie, sizeof(cookie));

  int status;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) {
    status = -errno;
  } else {
    UniqueFd read_end(ends[0]), write_end(ends[1]);
    iovec part{.iov_base = memory, .iov_len = page};
    if (vmsplice(write_end.get(), &part, 1, 0) != static_cast<ssize_t>(page)) {
      status = -errno;
    } else {
      out = {.fd = read_end.get(), .address = reinterpret_cast<uint64_t>(memory), .frames = frames};
      status = run_program(program, out);
    }
  }
  munmap(memory, page);
  return status;
}

}  // namespace sluice
