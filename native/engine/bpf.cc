// SPDX-License-Identifier: Apache-2.0
#include "native/engine/bpf.h"

#include <algorithm>
#include <cstring>

#include "native/engine/pipe_tap.h"
#include "native/engine/userspace.h"
#include "native/runtime/worker_pool.h"

namespace sluice::bpf {
namespace {

static_assert(SLUICE_SLOTS == 2 * WorkerPool::kMaxThreads, "every thread of sums and relays has one");

// Why the tap can't serve the worker; nothing if it can, with the worker's pipe bound to its slot.
std::string refusal(const std::shared_ptr<PipeTap>& tap, Worker& worker) {
  if (!tap) return "the pipe tap is not loaded";
  if (worker.slot() >= tap->slots()) return tap_status_text(SLUICE_TAP_NO_SLOT);
  const Pipe* pipe = worker.pipe();
  if (!pipe) return worker.no_pipe();
  const int status = tap->bind_once(worker.slot(), *pipe);
  return status == SLUICE_TAP_OK ? "" : tap_status_text(status);
}

void take_values(const sluice_state& state, Sums& sums) {
  for (const Reduction& each : reductions()) {
    const auto index = static_cast<size_t>(each.algorithm);
    if (sums.algorithms & (1u << index)) sums.values[index] = finished_value(state, each.algorithm);
  }
}

}  // namespace

Attempt reduce_range(Worker& worker, Range& range, Sums& sums) {
  const std::shared_ptr<PipeTap> tap = PipeTap::installed();
  Attempt attempt{.refused = refusal(tap, worker)};
  if (!attempt.refused.empty()) return attempt;
  sluice_state& state = tap->state(worker.slot());
  start_state(state, SLUICE_BACKEND_BPF, sums.algorithms, sums.values.data());

  while (attempt.refused.empty() && range.offset < range.end && (attempt.done = range.may_go_on())) {
    const Pipe& pipe = *worker.pipe();
    const Window window(range, pipe.capacity());
    uint64_t position = window.from;
    const ssize_t filled = pipe.fill(range.fd, &position, window.length);
    if (filled < 0) {
      // The tap is not to be blamed for a file that can't be read at all.
      if (const Result<size_t> read = userspace::read(worker, range, window); !read) {
        attempt.done = read.failure();
        break;
      }
      attempt.refused = std::string("the file can't be spliced (") + strerror(static_cast<int>(-filled)) + ")";
      break;
    }
    if (static_cast<size_t>(filled) <= window.skip) {
      if (pipe.drain(static_cast<size_t>(filled)) != 0) worker.drop_pipe();
      break;  // the end of the file
    }
    const uint64_t bytes = std::min<uint64_t>(filled - window.skip, range.end - range.offset);
    int status = pipe.drain(window.skip);
    // Nothing to reduce: a plain splice, for measurements.
    if (status == 0 && sums.algorithms != 0) status = tap->run(worker.slot(), pipe.read_end(), sums.algorithms, bytes);
    if (status != SLUICE_TAP_OK) {
      attempt.refused = tap_status_text(status);
      worker.drop_pipe();
      break;
    }
    range.offset += bytes;
    sums.count(bytes);
    if (pipe.drain(static_cast<size_t>(filled) - window.skip) != 0) {
      worker.drop_pipe();
      attempt.refused = refusal(tap, worker);
    }
  }
  take_values(state, sums);
  return attempt;
}

Attempt reduce_pipe(Worker& worker, size_t length, Sums& sums) {
  const std::shared_ptr<PipeTap> tap = PipeTap::installed();
  if (std::string refused = refusal(tap, worker); !refused.empty()) return {{}, std::move(refused)};
  sluice_state& state = tap->state(worker.slot());
  start_state(state, SLUICE_BACKEND_BPF, sums.algorithms, sums.values.data());
  const Pipe& pipe = *worker.pipe();
  const int status = tap->run(worker.slot(), pipe.read_end(), sums.algorithms, length);
  if (status != SLUICE_TAP_OK) return {{}, tap_status_text(status)};
  take_values(state, sums);
  sums.count(length);
  if (pipe.drain(length) != 0) worker.drop_pipe();
  return {};
}

}  // namespace sluice::bpf
