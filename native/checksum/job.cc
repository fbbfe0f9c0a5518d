// SPDX-License-Identifier: Apache-2.0
#include "native/checksum/job.h"

#include <algorithm>
#include <cerrno>
#include <tuple>

#include "native/file/file_system.h"
#include "native/runtime/clock.h"
#include "native/runtime/worker_pool.h"

namespace sluice {
namespace {

// A thread is worth waking for no less than this.
constexpr uint64_t kSmallestExtent = 16 << 20;
// Extents begin at multiples of a pipe's size, which also satisfies O_DIRECT.
constexpr uint64_t kExtentUnit = 1 << 20;

Failure out_of_range(const char* how) { return {.kind = FailureKind::range, .detail = how}; }

}  // namespace

ChecksumJob::ChecksumJob(Request request) : request_(std::move(request)), started_ns_(now_ns()) {}

void ChecksumJob::start(std::function<void()> done) {
  done_ = std::move(done);
  post();
}

void ChecksumJob::post() {
  const Result<> posted = caught([&]() -> Result<> {
    Task task{.run = [self = shared_from_this()](Worker& worker) { self->open(worker); },
              .failed = [self = shared_from_this()](Failure why) { self->complete(std::move(why)); }};
    // One that is abandoned has only its descriptor to close, and waits for no sum to do so.
    if (cancelled_ && WorkerPool::background().post(std::move(task), WorkerPool::kMaxThreads)) return {};
    if (WorkerPool::sums().post(std::move(task), request_.pool, this)) return {};
    return Failure{.kind = FailureKind::limit, .error = EAGAIN, .detail = "a thread for it"};
  });
  if (!posted) complete(posted.failure());
}

void ChecksumJob::cancel() {
  cancelled_ = true;
  if (WorkerPool::sums().withdraw(this)) post();
}

void ChecksumJob::open(Worker& worker) {
  if (cancelled_) return complete(Failure{FailureKind::aborted});
  if (request_.fd_error) return complete(system_failure(request_.fd_error, "dup"));
  Result<SourceFile> file = SourceFile::open(request_.path, std::move(request_.fd), request_.bypass_cache);
  if (!file) return complete(file.failure());
  file_ = std::move(*file);
  if (const Result<> divided = divide(); !divided) return complete(divided.failure());

  left_ = extents_.size();
  // From here on others may be at work: whatever comes of asking for them, the last to be done ends the job.
  std::ignore = caught([&] {
    for (size_t i = 1; i < extents_.size(); ++i) {
      WorkerPool::sums().post({.run = [self = shared_from_this()](Worker& other) { self->reduce_extents(other); },
                               .failed = [self = shared_from_this()](Failure why) { self->complete(std::move(why)); }},
                              std::max(request_.pool, request_.threads));
    }
  });
  reduce_extents(worker);
}

void ChecksumJob::reduce_extents(Worker& worker) {
  for (size_t i; (i = next_++) < extents_.size();) reduce(worker, extents_[i]);
}

Result<> ChecksumJob::divide() {
  // A file that says it is empty is asked: /proc is not the only place that makes content up as it is read.
  generated_ = file_.size() == 0 || is_generated(file_.fd());
  if (!generated_ && request_.begin > file_.size()) return out_of_range("begins behind the end of the file");
  if (!generated_ && request_.end != UINT64_MAX && request_.end > file_.size())
    return out_of_range("ends behind the end of the file");
  end_ = request_.end == UINT64_MAX && !generated_ ? file_.size() : request_.end;

  // What is made up as it is read has no length that is known.
  const uint64_t length = generated_ ? 0 : end_ - request_.begin;
  uint64_t count = 1;
  if (!generated_) {
    count = std::clamp<uint64_t>(length / kSmallestExtent, 1, std::max(request_.threads, 1u));
  }
  uint64_t begin = request_.begin;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t end = end_;
    if (i + 1 < count) {
      end = request_.begin + length / count * (i + 1);
      end -= end % kExtentUnit;
    }
    const Range range{file_.fd(),
                      begin,
                      end,
                      file_.alignment(),
                      [this] { return interrupted(); },
                      [this](int error, uint8_t* buffer, size_t length, uint64_t offset) {
                        return file_.unreadable(error, buffer, length, offset);
                      }};
    extents_.push_back({begin, range, Reducer(request_.algorithms, request_.choice, length, &bytes_)});
    begin = end;
  }
  return {};
}

void ChecksumJob::reduce(Worker& worker, Extent& extent) {
  Result<> reduced = caught([&] { return extent.reducer.range(worker, extent.range); });
  if (!reduced) cancelled_ = true;  // the others need not go on
  {
    std::lock_guard lock(failed_mutex_);
    if (!reduced && !failed_) failed_ = std::move(reduced.failure());
  }
  // Nothing before this may throw: it ends the job.
  if (left_.fetch_sub(1) == 1) finish();
}

Result<> ChecksumJob::interrupted() const {
  if (cancelled_.load(std::memory_order_relaxed)) return Failure{FailureKind::aborted};
  if (file_.lease_broken()) return Failure{.kind = FailureKind::changed, .detail = "a writer opened it"};
  return {};
}

void ChecksumJob::finish() {
  const Result<> done = failed_ ? Result<>(*failed_) : verify();
  if (done) return complete({});
  // That the file changed explains what stopped the backend.
  const Result<> same = done.failure().kind == FailureKind::kernel_stopped ? file_.unchanged() : Result<>();
  complete(same ? done : same);
}

Result<> ChecksumJob::verify() const {
  for (const auto& [begin, range, _] : extents_) {
    if (!generated_ && range.offset != range.end)
      return Failure{.kind = FailureKind::changed, .detail = "it became shorter"};
    if (range.end != UINT64_MAX && range.offset != range.end) return out_of_range("ends behind the end of the file");
    if (begin > 0 && generated_ && range.offset == begin) return out_of_range("begins behind its end");
  }
  return file_.unchanged();
}

void ChecksumJob::complete(Result<> done) {
  if (done) {
    for (const Extent& extent : extents_) outcome_.add(extent.reducer, extent.begin);
  } else {
    outcome_.values = std::move(done.failure());
  }
  outcome_.writers = file_.writers();
  outcome_.cache = file_.cache();
  request_.fd.reset();
  file_ = SourceFile();  // the caller may count descriptors, or replace the file, as soon as it is told
  outcome_.duration_ns = now_ns() - started_ns_;
  done_();
}

}  // namespace sluice
