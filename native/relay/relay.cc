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
    : request_(std::move(request)),
      started_ns_(now_ns()),
      transfer_(request_.algorithms, request_.choice, request_.length) {}

void Relay::start(std::function<void()> done) {
  done_ = std::move(done);
  post();
}

void Relay::post() {
  const Result<> posted = caught([&]() -> Result<> {
    Task task{.run = [self = shared_from_this()](Worker& worker) { self->turn(worker); },
              .failed = [self = shared_from_this()](Failure why) { self->finish(std::move(why)); }};
    std::lock_guard lock(waiting_mutex_);
    // One that is abandoned has only its descriptors to close, and waits for no other's turn to do so.
    if (cancelled_ && WorkerPool::background().post(std::move(task), WorkerPool::kMaxThreads)) return {};
    if (WorkerPool::relays().post(std::move(task), request_.pool, this)) return {};
    return Failure{FailureKind::no_thread, EAGAIN};
  });
  if (!posted) finish(posted);
}

void Relay::park(int fd, uint32_t events) {
  Result<> parked = Failure{FailureKind::aborted};
  {
    std::lock_guard lock(waiting_mutex_);
    if (!cancelled_) {
      const Result<Poller::Id> watched =
          Poller::instance().watch(fd, events, [self = shared_from_this()] { self->wake(); });
      parked = watched ? Result<>() : watched.failure();
      if (watched) parked_ = *watched;
    }
  }
  if (!parked) finish(std::move(parked));
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
  if (!route_ && !cancelled_) {
    if (Result<> opened = open(); !opened) return finish(std::move(opened));
  }
  const uint64_t until = transfer_.moved + kTurn;
  for (;;) {
    if (cancelled_) return finish(Failure{FailureKind::aborted});
    const Result<Route::Turn> turn = route_->step(worker);
    if (!turn) return finish(turn.failure());
    switch (*turn) {
      case Route::Turn::moved:
        if (transfer_.moved < until) continue;
        return post();
      case Route::Turn::source_empty:
        return park(transfer_.source.fd(), EPOLLIN);
      case Route::Turn::sink_full:
        return park(transfer_.sink.fd(), EPOLLOUT);
      case Route::Turn::ended:
        if (transfer_.left == 0 || transfer_.left == UINT64_MAX) return finish({});
        return finish(Failure{FailureKind::truncated});
    }
  }
}

Result<> Relay::open() {
  if (request_.error) return system_failure(request_.error, "dup");
  Result<> opened = transfer_.source.open(std::move(request_.source), Endpoint::Role::source, request_.source_offset);
  if (opened) opened = transfer_.sink.open(std::move(request_.sink), Endpoint::Role::sink, request_.sink_offset);
  if (!opened) return opened;
  if (overlap(transfer_.source, request_, transfer_.sink)) return Failure{FailureKind::overlap, EINVAL};
  outcome_.stored = transfer_.sink.is_file();
  if (!outcome_.stored) {
    route_ = std::make_unique<Through>(transfer_);
    return {};
  }
  auto into_file = std::make_unique<IntoFile>(transfer_);
  opened = into_file->open();
  route_ = std::move(into_file);
  return opened;
}

void Relay::finish(Result<> moved) {
  outcome_.add(transfer_.sums, 0);
  if (!moved) outcome_.values = std::move(moved.failure());
  outcome_.bytes = transfer_.moved;
  outcome_.taken = request_.length - transfer_.left;
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
