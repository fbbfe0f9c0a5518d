// SPDX-License-Identifier: Apache-2.0
#include "native/engine/extent.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "native/file/direct_io.h"

namespace sluice {
namespace {

// A window of the file that satisfies O_DIRECT: it begins `skip` bytes before what is wanted and may end behind it.
struct Window {
  uint64_t from;
  size_t skip;
  size_t length;

  Window(const Extent& extent, uint32_t alignment, size_t most)
      : from(extent.offset - extent.offset % alignment), skip(extent.offset % alignment) {
    const uint64_t wanted = extent.end - from;
    length = wanted < most ? (wanted + alignment - 1) / alignment * alignment : most;
  }
};

// Into the worker's buffer: bytes, 0 at the end of the file, or below 0 and why.
ssize_t read_window(Worker& worker, const ExtentSource& from, const Window& window, Failure& failure) {
  uint8_t* buffer = worker.buffer();
  const size_t length = std::min(window.length, Worker::kBufferSize);
  const ssize_t got = past_collisions(
      from.alignment > 1, [&] { return or_errno(pread(from.fd, buffer, length, static_cast<off_t>(window.from))); });
  if (got < 0) {
    const auto error = static_cast<int>(-got);
    failure = from.unreadable ? from.unreadable(error, buffer, length, window.from) : system_failure(error, "read");
  }
  return got;
}

}  // namespace

Failure reduce_in_kernel(Worker& worker, const ExtentSource& from, Shared& shared, Extent& extent,
                         std::string& reason) {
  const char* refused = nullptr;
  std::shared_ptr<PipeTap> tap = worker.tap(refused);
  if (!tap) {
    reason = refused;
    return {};
  }
  sluice_state& state = tap->state(worker.slot());
  bpf_state_init(state, shared.algorithms, extent.values.data());

  Failure failure;
  while (extent.offset < extent.end && !(from.interrupted && (failure = from.interrupted()))) {
    Window window(extent, from.alignment, worker.pipe()->capacity());
    uint64_t position = window.from;
    const ssize_t filled = worker.pipe()->fill(from.fd, &position, window.length);
    if (filled < 0) {
      // The engine is not to be blamed for a file that can't be read at all.
      if (read_window(worker, from, window, failure) < 0) break;
      reason = std::string("the file can't be spliced (") + strerror(static_cast<int>(-filled)) + ")";
      break;
    }
    if (static_cast<size_t>(filled) <= window.skip) {
      if (worker.pipe()->drain(static_cast<size_t>(filled)) != 0) worker.drop_pipe();
      break;  // the end of the file
    }
    const uint64_t bytes = std::min<uint64_t>(filled - window.skip, extent.end - extent.offset);
    int status = worker.pipe()->drain(window.skip);
    // Nothing to reduce: a plain splice, for measurements.
    if (status == 0 && shared.algorithms != 0)
      status = tap->run(worker.slot(), worker.pipe()->read_end(), shared.algorithms, bytes);
    if (status != SLUICE_TAP_OK) {
      reason = tap_status_text(status);
      worker.drop_pipe();
      break;
    }
    extent.offset += bytes;
    shared.bytes.fetch_add(bytes, std::memory_order_relaxed);
    if (worker.pipe()->drain(static_cast<size_t>(filled) - window.skip) != 0) worker.drop_pipe();
    if (!worker.tap(refused)) {
      reason = refused;
      break;
    }
  }
  values_of(state, shared.algorithms, extent.values);
  return failure;
}

Failure reduce_in_userspace(Worker& worker, const ExtentSource& from, Shared& shared, Extent& extent) {
  Failure failure;
  while (extent.offset < extent.end) {
    if (from.interrupted && (failure = from.interrupted())) return failure;
    const Window window(extent, from.alignment, Worker::kBufferSize);
    const ssize_t got = read_window(worker, from, window, failure);
    if (got < 0) return failure;
    if (static_cast<size_t>(got) <= window.skip) break;  // the end of the file
    const uint64_t bytes = std::min<uint64_t>(got - window.skip, extent.end - extent.offset);
    reduce_bytes(shared.algorithms, extent.values, worker.buffer() + window.skip, bytes);
    extent.offset += bytes;
    shared.bytes.fetch_add(bytes, std::memory_order_relaxed);
  }
  return {};
}

void reduce_bytes(uint32_t algorithms, Values& values, const uint8_t* data, size_t length) {
  for (const Reduction& each : reductions()) {
    const auto index = static_cast<size_t>(each.algorithm);
    if (algorithms & (1u << index)) values[index] = each.update(values[index], data, length);
  }
}

void values_of(const sluice_state& state, uint32_t algorithms, Values& values) {
  for (const Reduction& each : reductions()) {
    const auto index = static_cast<size_t>(each.algorithm);
    if (algorithms & (1u << index)) values[index] = bpf_state_value(state, each.algorithm);
  }
}

}  // namespace sluice
