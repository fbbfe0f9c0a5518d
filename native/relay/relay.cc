// SPDX-License-Identifier: Apache-2.0
#include "native/relay/relay.h"

#include <sys/epoll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "native/relay/into_file.h"
#include "native/relay/through.h"
#include "native/runtime/clock.h"
#include "native/runtime/worker_pool.h"

namespace sluice {
namespace {

// After so many bytes it is another relay's turn.
constexpr uint64_t kTurn = 16 << 20;

// The bytes that are read are, or will be, those that were written: what is copied would have no end, or not be what
// the file held before.
bool overlap(const Endpoint& source, const RelayRequest& request, const Endpoint& sink) {
  struct stat from{}, to{};
  if (fstat(source.fd(), &from) != 0 || fstat(sink.fd(), &to) != 0) return false;
  if (!S_ISREG(from.st_mode) || from.st_dev != to.st_dev || from.st_ino != to.st_ino) return false;
  const auto size = static_cast<uint64_t>(from.st_size);
  const uint64_t sink_offset = sink.appends() ? size : request.sink_offset;
  const uint64_t gap = std::max(request.source_offset, sink_offset) - std::min(request.source_offset, sink_offset);
  return request.length > gap;
}

}  // namespace

Relay::Relay(RelayRequest request)
    : request_(std::move(request)), started_ns_(now_ns()), transfer_(request_.algorithms, request_.engine) {
  transfer_.left = request_.length;
}

void Relay::start(std::function<void()> done) {
  done_ = std::move(done);
  post();
}

void Relay::post() {
  const Failure failure = caught([&]() -> Failure {
    Task task{.run = [self = shared_from_this()](Worker& worker) { self->turn(worker); },
              .failed = [self = shared_from_this()](Failure why) { self->finish(std::move(why)); }};
    std::lock_guard lock(waiting_mutex_);
    // One that is abandoned has only its descriptors to close, and waits for no other's turn to do so.
    if (cancelled_ && WorkerPool::background().post(std::move(task), WorkerPool::kMaxThreads)) return {};
    if (WorkerPool::relays().post(std::move(task), request_.pool, this)) return {};
    return {"noThread", EAGAIN, ""};
  });
  if (failure) finish(failure);
}

void Relay::park(int fd, uint32_t events) {
  {
    std::lock_guard lock(waiting_mutex_);
    if (!cancelled_) {
      parked_ = Poller::instance().watch(fd, events, [self = shared_from_this()] { self->wake(); });
      return;
    }
  }
  finish({"aborted", 0, ""});
}

void Relay::wake() {
  {
    std::lock_guard lock(waiting_mutex_);
    if (!parked_) return;  // cancelled meanwhile
    parked_.reset();
  }
  post();
}

void Relay::cancel() {
  {
    std::lock_guard lock(waiting_mutex_);
    cancelled_ = true;
    if (parked_) {
      Poller::instance().unwatch(*parked_);
      parked_.reset();
    } else if (!WorkerPool::relays().withdraw(this)) {
      return;  // at work, or about to be: it sees it
    }
  }
  post();
}

void Relay::turn(Worker& worker) {
  Failure failure;
  if (!route_ && !cancelled_) failure = open();
  const uint64_t until = transfer_.moved + kTurn;
  while (!failure) {
    if (cancelled_) return finish({"aborted", 0, ""});
    Route::Turn turn{};
    failure = route_->step(worker, turn);
    if (failure) break;
    switch (turn) {
      case Route::Turn::moved:
        if (transfer_.moved < until) continue;
        return post();
      case Route::Turn::source_empty:
        return park(transfer_.source.fd(), EPOLLIN);
      case Route::Turn::sink_full:
        return park(transfer_.sink.fd(), EPOLLOUT);
      case Route::Turn::ended:
        if (transfer_.left == 0 || transfer_.left == UINT64_MAX) return finish({});
        failure = {"truncated", 0, ""};
    }
  }
  finish(std::move(failure));
}

Failure Relay::open() {
  if (request_.error) return {request_.error == EBADF ? "badDescriptor" : "limit", request_.error, "dup"};
  if (Failure failure =
          transfer_.source.open(std::move(request_.source), Endpoint::Role::source, request_.source_offset)) {
    return failure;
  }
  if (Failure failure = transfer_.sink.open(std::move(request_.sink), Endpoint::Role::sink, request_.sink_offset)) {
    return failure;
  }
  if (overlap(transfer_.source, request_, transfer_.sink)) return {"overlap", EINVAL, ""};
  outcome_.stored = transfer_.sink.is_file();
  if (!outcome_.stored) {
    route_ = std::make_unique<Through>(transfer_);
    return {};
  }
  auto into_file = std::make_unique<IntoFile>(transfer_);
  Failure failure = into_file->open();
  route_ = std::move(into_file);
  return failure;
}

void Relay::finish(Failure failure) {
  const Reducer& sums = transfer_.sums;
  outcome_.failure = std::move(failure);
  outcome_.values = sums.values();
  outcome_.bytes = transfer_.moved;
  outcome_.taken = request_.length - transfer_.left;
  outcome_.backend = sums.backend();
  outcome_.fallback_reason = sums.reason();
  outcome_.fallback_offset = sums.left_after();
  // The caller may count descriptors as soon as it is told.
  route_.reset();
  request_.source.reset();
  request_.sink.reset();
  transfer_.source.close();
  transfer_.sink.close();
  outcome_.duration_ns = now_ns() - started_ns_;
  done_();
}

}  // namespace sluice
