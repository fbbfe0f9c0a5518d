// SPDX-License-Identifier: Apache-2.0
// What becomes of a file that has no value, or not the one any more that it had.
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "native/observe/finaliser.h"
#include "native/observe/inode_attributes.h"
#include "native/runtime/clock.h"

namespace sluice {
namespace {

// A writer that changes a file all the time ends some time, and the value is not to come much later.
constexpr uint64_t kLongestWait = 1000 * kMillisecond;
// A writer that has a file open closes it, which is told; but the kernel tells of a close before it is over.
constexpr uint64_t kLongestHeld = 60'000 * kMillisecond;

// It passes. EWOULDBLOCK says it of a file that somebody has a lease on.
bool is_shortage(const Failure& failure) {
  if (failure.kind != FailureKind::system_call) return failure.kind == FailureKind::limit;
  const int error = failure.error;
  return is_short(error) || error == EWOULDBLOCK;
}

}  // namespace

// It has the name that it got since. True: something was told of it that may be a change.
bool Finaliser::put_down(Candidate& candidate) {
  const auto held = in_hand_.extract(candidate.id);
  if (!held) return false;
  if (!held.mapped().path.empty()) candidate.path = std::move(held.mapped().path);
  return held.mapped().again;
}

// It has no values. What was told of it since may change that.
void Finaliser::give_up(Candidate candidate, const Failure& failure) {
  const bool again = put_down(candidate);
  known_.erase(candidate.id);
  // What is kept with it is of what it was.
  if (candidate.was_written() && failure.kind != FailureKind::differs) retract(candidate, {FailureKind::changed});
  unknown(candidate, failure);
  if (again) admit(std::move(candidate));
}

// What a failure means for a file.
void Finaliser::fail(Candidate candidate, const Failure& failure) {
  const bool is_held = failure.kind == FailureKind::writer;
  const bool has_changed = failure.kind == FailureKind::changed;
  if (!is_held && !has_changed && !is_shortage(failure)) return give_up(std::move(candidate), failure);
  put_down(candidate);
  known_.erase(candidate.id);
  candidate.held = is_held;
  if (is_held && candidate.tries == 0) ++counts_.busy;
  if (has_changed) ++counts_.changed;
  retract(candidate, is_held ? failure : Failure{FailureKind::changed});
  again(std::move(candidate), is_held ? kLongestHeld : kLongestWait);
}

void Finaliser::again(Candidate candidate, uint64_t longest_wait) {
  const uint64_t wait = std::min(10 * kMillisecond << std::min(candidate.tries++, 20u), longest_wait);
  backlog_.add(std::move(candidate), now_ns() + wait);
}

void Finaliser::retract(const Candidate& candidate, const Failure& failure) {
  if (settings_.undated.empty()) return;
  const UniqueFd file = tree_.open(candidate.id, Tree::kToRead);
  if (!file) return;
  const Result<bool> removed = remove(file.get(), settings_.undated);
  if (removed ? !*removed : candidate.tries > 0) return;
  Report report = report_of(Report::Kind::retracted, candidate);
  report.failure = failure;
  tell_removed(file.get(), std::move(report), removed);
}

void Finaliser::unknown(const Candidate& candidate, Failure failure) {
  Report report = report_of(Report::Kind::unknown, candidate);
  if (const UniqueFd file = tree_.open(candidate.id, O_PATH)) name_inode(file.get(), report);
  report.failure = std::move(failure);
  journal_.end(candidate.id);
  outbox_.put(std::move(report));
}

bool Finaliser::is_unchanged(int fd, const ObserveView& view) const {
  return view.found != SLUICE_FOUND_ENTRY || programs_->ask(fd).sequence == view.sequence;
}

bool Finaliser::watch(int fd, const ObserveView& view) const {
  if (view.found != SLUICE_FOUND_ENTRY) return true;
  return programs_->ask(fd, SLUICE_FINISH_STORED, view.sequence).found == SLUICE_FOUND_ENTRY;
}

// One that was read has the lease and its time stamps to go by.
bool Finaliser::is_doubtful(const Offer& offer) const {
  return programs_ && offer.report.origin != Origin::reread && offer.misses != programs_->misses();
}

void Finaliser::use(ObservePrograms* programs) {
  programs_ = programs;
  follower_.emplace(*programs, tree_, settings_.algorithms, counts_);
}

void Finaliser::take(const ObserveNote& note) {
  if (note.kind != SLUICE_NOTE_CHANGED) return follower_->take(note);
  if (const std::optional<FileId> id = tree_.id_of(note.file)) changed(*id);
}

// The first change of a file that had a value, or may have had one from before.
void Finaliser::changed(const FileId& id) {
  const UniqueFd file = tree_.open(id, Tree::kToRead);
  if (!file) {
    // Who has a lease on it has now been asked for it. It has its turn when he has given it back.
    const bool leased = errno == EWOULDBLOCK;
    const UniqueFd named = tree_.open(id, O_PATH);
    if (leased && named) consider(id, tree_.path_of_file(named.get()), 0, Why::changed, nullptr);
    return;
  }
  const bool was_told = known_.erase(id) != 0;
  const Result<bool> removed = remove(file.get(), settings_.undated);
  std::string path = tree_.path_of_file(file.get());
  const bool is_ours = was_told || !removed || *removed;
  if (is_ours) {
    Report report{.kind = Report::Kind::retracted, .path = path, .why = Why::changed};
    report.failure = {FailureKind::changed};
    tell_removed(file.get(), std::move(report), removed);
  }
  // No close follows where it was truncate(2).
  consider(id, std::move(path), 0, Why::changed, nullptr, is_ours);
}

}  // namespace sluice
