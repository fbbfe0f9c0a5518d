// SPDX-License-Identifier: Apache-2.0
#include "native/checksum/job.h"

#include <algorithm>
#include <cerrno>
#include <exception>

#include "native/clock.h"
#include "native/file/file_system.h"
#include "native/relay/worker_pool.h"

namespace sluice {
namespace {

// A thread is worth waking for no less than this.
constexpr uint64_t kSmallestExtent = 16 << 20;
// Extents begin at multiples of a pipe's size, which also satisfies O_DIRECT.
constexpr uint64_t kExtentUnit = 1 << 20;

}  // namespace

ChecksumJob::ChecksumJob(Request request, std::function<void(ChecksumJob&)> done)
    : request_(std::move(request)), done_(std::move(done)), started_ns_(now_ns()) {
  shared_.algorithms = request_.algorithms;
}

void ChecksumJob::start() {
  const auto task = [self = shared_from_this()](Worker& worker) { self->open(worker); };
  // One that is abandoned has only its descriptor to close, and waits for no sum to do so.
  if (shared_.cancelled && WorkerPool::background().post(task, WorkerPool::kMaxThreads)) return;
  if (!WorkerPool::sums().post(task, request_.pool, this)) complete({"limit", EAGAIN, "a thread for it"});
}

void ChecksumJob::cancel() {
  shared_.cancelled = true;
  if (WorkerPool::sums().withdraw(this)) start();
}

void ChecksumJob::open(Worker& worker) {
  if (shared_.cancelled) return complete({"aborted", 0, ""});
  if (request_.fd_error) return complete(system_failure(request_.fd_error, "dup"));
  Failure failure = SourceFile::open(request_.path, std::move(request_.fd), request_.bypass_cache, file_);
  if (!failure) failure = divide();
  if (failure) return complete(std::move(failure));

  left_ = extents_.size();
  for (size_t i = 1; i < extents_.size(); ++i) {
    WorkerPool::sums().post([self = shared_from_this()](Worker& other) { self->reduce_extents(other); },
                            std::max(request_.pool, request_.threads));
  }
  reduce_extents(worker);
}

void ChecksumJob::reduce_extents(Worker& worker) {
  for (size_t i; (i = next_++) < extents_.size();) reduce(worker, i);
}

Failure ChecksumJob::divide() {
  // A file that says it is empty is asked: /proc is not the only place that makes content up as it is read.
  generated_ = file_.size() == 0 || is_generated(file_.fd());
  if (!generated_ && request_.begin > file_.size()) return {"range", 0, "begins behind the end of the file"};
  if (!generated_ && request_.end != UINT64_MAX && request_.end > file_.size()) {
    return {"range", 0, "ends behind the end of the file"};
  }
  end_ = request_.end == UINT64_MAX && !generated_ ? file_.size() : request_.end;

  kernel_ = request_.kernel && (generated_ ? 0 : end_ - request_.begin) >= request_.kernel_from;

  uint64_t count = 1;
  if (!generated_) {
    const uint64_t length = end_ - request_.begin;
    count = std::clamp<uint64_t>(length / kSmallestExtent, 1, std::max(request_.threads, 1u));
  }
  Extent extent{.begin = request_.begin, .end = end_, .offset = request_.begin};
  for (const Reduction& each : reductions()) extent.values[static_cast<size_t>(each.algorithm)] = each.init;
  for (uint64_t i = 0; i < count; ++i) {
    if (i + 1 == count) {
      extent.end = end_;
    } else {
      const uint64_t cut = request_.begin + (end_ - request_.begin) / count * (i + 1);
      extent.end = cut - cut % kExtentUnit;
    }
    extents_.push_back(extent);
    extent.begin = extent.offset = extent.end;
  }
  return {};
}

void ChecksumJob::reduce(Worker& worker, size_t index) {
  Extent& extent = extents_[index];
  Failure failure;
  std::string reason;
  uint64_t stopped = extent.offset;
  const ExtentSource from{file_.fd(), file_.alignment(), [this] { return interrupted(); },
                          [this](int error, uint8_t* buffer, size_t length, uint64_t offset) {
                            return file_.unreadable(error, buffer, length, offset);
                          }};
  try {
    if (kernel_) {
      failure = reduce_in_kernel(worker, from, shared_, extent, reason);
      stopped = extent.offset;
    }
    if (!failure && (!kernel_ || (!reason.empty() && request_.fallback))) {
      failure = reduce_in_userspace(worker, from, shared_, extent);
    } else if (!failure && !reason.empty()) {
      failure = {"kernelStopped", 0, reason};
    }
  } catch (const std::exception& error) {
    failure = {"io", 0, error.what()};
  }
  {
    std::lock_guard lock(outcome_mutex_);
    if (failure && !outcome_.failure) outcome_.failure = failure;
    if (!reason.empty() && outcome_.fallback_reason.empty()) {
      outcome_.fallback_reason = reason;
      outcome_.fallback_offset = stopped;
    }
  }
  if (failure) shared_.cancelled = true;  // the others need not go on
  if (left_.fetch_sub(1) == 1) finish();
}

Failure ChecksumJob::interrupted() const {
  if (shared_.cancelled.load(std::memory_order_relaxed)) return {"aborted", 0, ""};
  if (file_.lease_broken()) return {"changed", 0, "a writer opened it"};
  return {};
}

void ChecksumJob::finish() {
  Failure failure = outcome_.failure ? outcome_.failure : verify();
  // That the file changed explains what stopped the engine.
  if (failure.kind == "kernelStopped") {
    if (Failure changed = file_.unchanged()) failure = std::move(changed);
  }
  if (!failure) {
    outcome_.values = extents_[0].values;
    for (size_t i = 1; i < extents_.size(); ++i) {
      const Extent& next = extents_[i];
      for (const Reduction& each : reductions()) {
        uint64_t& value = outcome_.values[static_cast<size_t>(each.algorithm)];
        value = each.combine(value, next.values[static_cast<size_t>(each.algorithm)], next.offset - next.begin);
      }
    }
    for (const Extent& extent : extents_) outcome_.bytes += extent.offset - extent.begin;
    outcome_.kernel = kernel_ && outcome_.fallback_reason.empty();
  }
  complete(std::move(failure));
}

Failure ChecksumJob::verify() const {
  for (const Extent& extent : extents_) {
    if (!generated_ && extent.offset != extent.end) return {"changed", 0, "it became shorter"};
    if (extent.end != UINT64_MAX && extent.offset != extent.end) return {"range", 0, "ends behind the end of the file"};
    if (extent.begin > 0 && generated_ && extent.offset == extent.begin) return {"range", 0, "begins behind its end"};
  }
  return file_.unchanged();
}

void ChecksumJob::complete(Failure failure) {
  outcome_.failure = std::move(failure);
  outcome_.writers = file_.writers();
  outcome_.cache = file_.cache();
  request_.fd.reset();
  file_ = SourceFile();  // the caller may count descriptors, or replace the file, as soon as it is told
  outcome_.duration_ns = now_ns() - started_ns_;
  done_(*this);
}

}  // namespace sluice
