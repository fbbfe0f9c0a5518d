// SPDX-License-Identifier: Apache-2.0
// What an observer does for its journal.
#include <fcntl.h>
#include <poll.h>

#include <ctime>
#include <utility>

#include "native/observe/observer.h"
#include "native/runtime/clock.h"

namespace sluice {
namespace {

// Between two notes of how far we have come: what is looked for again after a kill.
constexpr uint64_t kBeat = 500'000'000;

}  // namespace

Result<> Observer::open_journal() {
  if (settings_.journal.empty()) return {};
  reached_ = settings_.journal;
  Result<Journal> opened = Journal::open(settings_.journal, tree_.number());
  if (!opened) return opened.failure();
  journal_ = std::move(*opened);
  // What it writes would be a change that it records.
  const std::string path = path_behind(journal_.fd());
  const UniqueFd folder(::open(path.substr(0, path.rfind('/') + 1).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const Result<FileId> id = id_of(folder ? folder.get() : journal_.fd());
  if (!id || !tree_.path_of(*id)) return {};
  return Failure{
      .kind = FailureKind::overlap, .detail = "lies in the folders that are observed", .subject = Subject::journal};
}

void Observer::expect_beat() {
  if (journal_.is_open() && !beat_due_) beat_due_ = now_ns() + kBeat;
}

void Observer::keep_journal(int64_t seen_until) {
  if (!journal_.is_open()) return;
  journal_.flush();
  if (finaliser_.idle()) journal_.rest();
  // What a walk is to find is not told before it is over.
  if (beat_due_ && *beat_due_ <= now_ns() && seen_until != 0) {
    beat_due_.reset();
    if (walks_ == 0) journal_.beat(seen_until, false);
  }
  if (std::optional<Failure> failure = journal_.take_failure()) {
    Report report{.kind = Report::Kind::unrecorded};
    report.failure = std::move(*failure);
    outbox_.put(std::move(report));
  }
}

void Observer::stop_journal() {
  if (!journal_.is_open()) return;
  // Until no time stamp of what we did to files is as late as what comes after it.
  timespec tick{};
  clock_getres(CLOCK_REALTIME_COARSE, &tick);
  poll(nullptr, 0, static_cast<int>(3 * tick.tv_nsec / 1'000'000 + 1));
  const int64_t now = clock_ns(CLOCK_REALTIME);
  bool drained = false;
  for (int i = 0; i < kMostBuffers && !drained; ++i) drained = drain();
  if (programs_) programs_->consume();
  journal_.flush();
  if (drained && walks_ == 0) journal_.beat(now, true);
}

}  // namespace sluice
