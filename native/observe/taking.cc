// SPDX-License-Identifier: Apache-2.0
// How an observer takes what it is told.
#include <sys/eventfd.h>

#include <ctime>
#include <utility>

#include "native/observe/observer.h"
#include "native/runtime/clock.h"

namespace sluice {
namespace {

// Between two walks for what there was no room to note: who has many files can bring that about all the time.
constexpr uint64_t kBetweenWalks = 60'000'000'000;
// Until what could not be opened, because descriptors or memory were short, is tried again.
constexpr uint64_t kPause = 100'000'000;

}  // namespace

void Observer::take(std::function<void()> act) {
  tree_.take_shortage();
  act();
  if (!tree_.take_shortage()) return;
  postponed_.push_back(std::move(act));
  resume_due_ = now_ns() + kPause;
}

bool Observer::resume() {
  if (!postponed_.empty() && resume_due_ <= now_ns())
    for (std::function<void()>& act : std::exchange(postponed_, {})) take(std::move(act));
  return postponed_.empty();
}

bool Observer::drain() {
  const int64_t now = clock_ns(CLOCK_REALTIME);
  for (int i = 0; i < kMostBuffers && postponed_.empty(); ++i) {
    if (!fanotify_.read([this](const FanotifyEvent& event) { on_event(event); })) {
      seen_until_ns_ = now;
      return true;
    }
  }
  return false;
}

void Observer::on_event(const FanotifyEvent& event) {
  ++counts_.events;
  if (event.overflow()) {
    // Folders may have been moved, too.
    tree_.forget();
    if (programs_) programs_->moved();
    ++walks_;
    return lose(seen_until_ns_);
  }
  if (tree_.file_system_of(event.fsid)) take([this, event] { look_at(event); });
}

void Observer::look_at(const FanotifyEvent& event) {
  const std::optional<uint32_t> file_system = tree_.file_system_of(event.fsid);
  if (event.of_folder()) {
    tree_.forget();
    if (programs_) programs_->moved();
  }
  const std::optional<std::string>& folder = tree_.path_of({*file_system, event.folder});
  FileId id{*file_system, event.file};
  if (!folder) {
    if (event.closed()) finaliser_.consider_outside(id, event.pid, Why::closed);
    return;
  }
  ++counts_.inside;
  std::string path = path_in(*folder, event.name);
  if (event.of_folder()) {
    ++walks_;
    return outbox_.put({.kind = Report::Kind::folder, .path = std::move(path), .id = id.bytes()});
  }
  finaliser_.consider(id, std::move(path), event.pid, event.closed() ? Why::closed : Why::moved, &event.folder);
}

void Observer::lose(int64_t since_ns) {
  ++counts_.lost;
  finaliser_.forget();
  outbox_.put({.kind = Report::Kind::lost, .time_ns = since_ns});
}

void Observer::take_notes() {
  const int64_t now = clock_ns(CLOCK_REALTIME);
  if (!programs_->consume() && !unnoted_since_ns_) {
    unnoted_since_ns_ = noted_until_ns_;
    ++walks_;
  }
  noted_until_ns_ = now;
  finaliser_.end_notes();
  if (!unnoted_since_ns_ || now_ns() < unnoted_due_) return;
  lose(*std::exchange(unnoted_since_ns_, std::nullopt));
  unnoted_due_ = now_ns() + kBetweenWalks;
}

bool Observer::take_inbox() {
  std::vector<ObserveAnswer> answers;
  std::vector<Found> found;
  uint64_t walked;
  {
    std::lock_guard lock(mutex_);
    eventfd_t any;
    eventfd_read(wake_.get(), &any);
    if (stopped_) return false;
    answers.swap(answers_);
    found.swap(found_);
    walked = std::exchange(walked_, 0);
  }
  finaliser_.answer(std::move(answers));
  for (const Found& each : found) {
    take([this, each] {
      // A user who moves folders while they are walked leads the walk nowhere else.
      if (const std::optional<std::string>& folder = tree_.path_of(each.folder))
        finaliser_.consider(each.id, path_in(*folder, each.name), 0, Why::found, &each.folder.handle);
    });
  }
  walks_ -= walked;
  if (walked > 0 && walks_ == 0) journal_.forget_left();
  return true;
}

}  // namespace sluice
