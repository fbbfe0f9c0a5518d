// SPDX-License-Identifier: Apache-2.0
// What was found out about files, which is told again where nothing has happened to them since.
#include <fcntl.h>

#include <utility>

#include "native/observe/finaliser.h"
#include "native/observe/inode_attributes.h"

namespace sluice {
namespace {

// The programs have room for four times as many files.
constexpr size_t kMostKnown = 1 << 14;

}  // namespace

// A file that only got another name, which moves ctime, or was come upon by a walk. Who has it open, which a lease
// tells, may have put mtime back, and what the programs count tells of that, too.
bool Finaliser::is_known(const SourceFile& file, const ObserveView& view, const Candidate& candidate) {
  const auto found = known_.find(candidate.id);
  if (found == known_.end() || !found->second.excluded) return false;
  const bool is_counted = view.found == SLUICE_FOUND_ENTRY && found->second.sequence != 0;
  if (is_counted ? view.sequence != found->second.sequence : file.writers() != Writers::none) return false;
  const Stamps& now = file.stamps();
  const Stamps& then = found->second.stamps;
  if (now.size != then.size || now.mtime_ns != then.mtime_ns) return false;
  tell_again(file.fd(), candidate, found->second);
  return true;
}

// Time stamps alone do not tell: before multigrain ones (Linux 6.13) it may have been changed in the tick of the last
// change. What the programs count does.
bool Finaliser::is_as_told(const Candidate& candidate) {
  const auto found = known_.find(candidate.id);
  if (!programs_ || found == known_.end() || found->second.sequence == 0 || !found->second.excluded) return false;
  const UniqueFd file = tree_.open(candidate.id, O_PATH);
  if (!file) return false;
  const Result<Stamps> now = stamps_of(file.get());
  if (!now || *now != found->second.stamps) return false;
  programs_->look_for_misses();
  const ObserveView view = programs_->ask(file.get());
  const bool same = view.found == SLUICE_FOUND_ENTRY && view.stored && view.sequence == found->second.sequence;
  if (!same || view.why & SLUICE_WHY_MISSED) return false;
  tell_again(file.get(), candidate, found->second);
  return true;
}

void Finaliser::tell_again(int fd, const Candidate& candidate, const Known& known) {
  Report report = report_of(Report::Kind::value, candidate);
  name_inode(fd, report);
  report.stamps = known.stamps;
  report.values = known.values;
  report.origin = known.origin;
  report.reason = known.reason;
  ++counts_.values;
  outbox_.put(std::move(report));
  journal_.end(candidate.id);
}

// Keeps what was found out of the youngest files; the programs forget the others, too.
void Finaliser::remember(const FileId& id, Known known) {
  order_.emplace_back(id, known.turn);
  known_[id] = std::move(known);
  while (order_.size() > kMostKnown) {
    const auto [oldest, turn] = std::move(order_.front());
    order_.pop_front();
    const auto found = known_.find(oldest);
    if (found == known_.end() || found->second.turn != turn) continue;
    const uint64_t number = found->second.number;
    known_.erase(found);
    if (!programs_) continue;
    follower_->forget(number);
    if (const UniqueFd file = tree_.open(oldest, O_PATH)) programs_->ask(file.get(), SLUICE_FINISH_FORGET);
  }
}

}  // namespace sluice
