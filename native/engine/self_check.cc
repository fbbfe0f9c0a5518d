// SPDX-License-Identifier: Apache-2.0
#include "native/engine/self_check.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "native/runtime/pipe.h"
#include "native/runtime/unique_fd.h"

namespace sluice {
namespace {

constexpr uint32_t kEvery = SLUICE_ADLER32 | SLUICE_CRC32 | SLUICE_CRC32C | SLUICE_CRC64NVME;
// All of them share a copy of the bytes; one alone may go another way.
constexpr uint32_t kSets[] = {kEvery, SLUICE_ADLER32, SLUICE_CRC32, SLUICE_CRC32C, SLUICE_CRC64NVME};

// Fragment lengths: a page by itself, single bytes, around the 64- and 128-byte steps, odd ones, and as much as a page.
constexpr size_t kFragments[] = {4096, 1, 4096, 63, 64, 65, 4095, 127, 128, 129, 7, 2048, 4096, 1000, 4096};

Failure wrong(std::string what) { return {.kind = FailureKind::kernel_stopped, .detail = std::move(what)}; }

// These algorithms in one run.
Result<> check(PipeTap& tap, uint32_t algorithms) {
  size_t total = 0;
  for (const size_t length : kFragments) total += length;
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  std::vector<uint8_t> memory(total + page);
  // The first fragment is a page from its first byte on: some programs load those where they lie.
  const size_t skip = page - reinterpret_cast<uintptr_t>(memory.data()) % page;
  const std::span bytes(memory.data() + skip, total);
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return system_failure(errno, "getrandom");

  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return system_failure(errno, "pipe2");
  const UniqueFd read_end(ends[0]), write_end(ends[1]);
  // A user whose allowance of pipe pages is used up gets two buffers, and a fragment that crosses a page takes both.
  // Then there are many rounds, whose results continue each other's; with this there is one.
  fcntl(read_end.get(), F_SETPIPE_SZ, 1 << 18);
  std::array<iovec, std::size(kFragments)> parts;
  size_t at = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    parts[i] = {.iov_base = bytes.data() + at, .iov_len = kFragments[i]};
    at += kFragments[i];
  }
  int status = tap.bind(0, read_end.get());
  uint64_t init[kAlgorithms];
  for (const Reduction& each : reductions()) init[static_cast<size_t>(each.algorithm)] = each.init;
  start_state(tap.state(0), SLUICE_BACKEND_BPF, algorithms, init);
  for (auto part = parts.begin(); status == SLUICE_TAP_OK && part != parts.end();) {
    // Fragments of our own memory, referenced and not copied: their pages are spread as the heap's are.
    size_t queued = 0;
    while (part != parts.end()) {
      const ssize_t n = vmsplice(write_end.get(), &*part, 1, SPLICE_F_NONBLOCK);
      if (n < 0 && errno == EAGAIN) break;  // full
      if (n < 0) return system_failure(errno, "vmsplice");
      queued += static_cast<size_t>(n);
      part->iov_base = static_cast<uint8_t*>(part->iov_base) + n;
      part->iov_len -= static_cast<size_t>(n);
      if (part->iov_len == 0) ++part;
    }
    status = tap.run(0, read_end.get(), algorithms, queued);
    // Asked for more than the pipe holds, a run reduces it all once more and must not commit: the values below show it.
    if (status == SLUICE_TAP_OK && tap.run(0, read_end.get(), algorithms, queued + 1) != SLUICE_TAP_SHORT) {
      return wrong("a run that fell short was not refused");
    }
    uint8_t passed[1 << 16];
    for (size_t left = queued; left > 0;) {
      const ssize_t n = read(read_end.get(), passed, std::min(left, sizeof(passed)));
      if (n <= 0) return wrong("the pipe gave fewer bytes than it took");
      left -= static_cast<size_t>(n);
    }
  }
  if (status < 0) return Failure{FailureKind::kernel_stopped, -status, "bpf"};
  if (status != SLUICE_TAP_OK) return wrong(tap_status_text(status));
  for (const Reduction& each : reductions()) {
    if (!(algorithms & 1u << static_cast<size_t>(each.algorithm))) continue;
    if (finished_value(tap.state(0), each.algorithm) != each.update(each.init, bytes.data(), bytes.size())) {
      return wrong(std::string(each.name) + " of known bytes came out wrong");
    }
  }
  return {};
}

// Without a splice nothing of a file would ever come into a pipe.
Result<> check_splice() {
  const Pipe pipe;
  const uint8_t byte = 0;
  ssize_t moved = pipe.put(&byte, 1);
  if (moved == 1) moved = pipe.drain(1);
  if (moved < 0) return system_failure(static_cast<int>(-moved), "splice");
  return {};
}

}  // namespace

Result<> self_check(PipeTap& tap) {
  if (Result<> spliced = check_splice(); !spliced) return spliced;
  for (const uint32_t algorithms : kSets) {
    if (Result<> checked = check(tap, algorithms); !checked) return checked;
  }
  return {};
}

}  // namespace sluice
