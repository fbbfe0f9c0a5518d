// SPDX-License-Identifier: Apache-2.0
#include "native/engine/userspace.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "native/file/direct_io.h"

namespace sluice::userspace {

Result<size_t> read(Worker& worker, const Range& range, const Window& window) {
  uint8_t* buffer = worker.buffer();
  const size_t length = std::min(window.length, Worker::kBufferSize);
  const ssize_t got = past_collisions(
      range.alignment > 1, [&] { return or_errno(pread(range.fd, buffer, length, static_cast<off_t>(window.from))); });
  if (got >= 0) return static_cast<size_t>(got);
  const auto error = static_cast<int>(-got);
  return range.unreadable ? range.unreadable(error, buffer, length, window.from) : system_failure(error, "read");
}

Attempt reduce_range(Worker& worker, Range& range, Sums& sums) {
  while (range.offset < range.end) {
    if (Result<> go = range.may_go_on(); !go) return {std::move(go), {}};
    const Window window(range, Worker::kBufferSize);
    const Result<size_t> got = read(worker, range, window);
    if (!got) return {got.failure(), {}};
    if (*got <= window.skip) break;  // the end of the file
    const uint64_t bytes = std::min<uint64_t>(*got - window.skip, range.end - range.offset);
    reduce_memory(worker.buffer() + window.skip, bytes, sums);
    range.offset += bytes;
  }
  return {};
}

Attempt reduce_pipe(Worker& worker, size_t length, Sums& sums) {
  const Pipe& pipe = *worker.pipe();
  uint8_t* buffer = worker.buffer();
  while (length > 0) {
    const ssize_t got = pipe.take(buffer, std::min(length, Worker::kBufferSize));
    // A page that can't be read, which is not to be sent either.
    if (got <= 0)
      return {Failure{.kind = FailureKind::io, .error = static_cast<int>(-got), .subject = Subject::source}, {}};
    reduce_memory(buffer, static_cast<size_t>(got), sums);
    length -= static_cast<size_t>(got);
  }
  return {};
}

void reduce_memory(const uint8_t* data, size_t length, Sums& sums) {
  for (const Reduction& each : reductions()) {
    const auto index = static_cast<size_t>(each.algorithm);
    if (sums.algorithms & (1u << index)) sums.values[index] = each.update(sums.values[index], data, length);
  }
  sums.count(length);
}

}  // namespace sluice::userspace
