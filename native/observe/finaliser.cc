// SPDX-License-Identifier: Apache-2.0
#include "native/observe/finaliser.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "native/observe/inode_attributes.h"
#include "native/runtime/clock.h"

namespace sluice {
namespace {

// Offers that wait for their answers, each with an open descriptor: no more are made before.
constexpr size_t kMostOffers = 128;

void count(std::atomic<uint64_t>& counter, uint64_t more = 1) { counter.fetch_add(more, std::memory_order_relaxed); }

uint64_t until_settled(int fd) {
  const Result<Stamps> stamps = stamps_of(fd);
  return stamps ? until_settled(*stamps) : 0;
}

// It was removed, and somebody has it open still.
bool has_no_name(int fd) {
  struct stat seen{};
  return fstat(fd, &seen) == 0 && seen.st_nlink == 0;
}

}  // namespace

bool Finaliser::step() {
  backlog_.wake(now_ns());
  counts_.waiting = backlog_.size() + jobs_.size();
  if (offers_.size() >= kMostOffers) return false;
  const std::optional<Backlog::Lane> lane = backlog_.turn();
  if (!lane) return false;
  auto job = jobs_.find(*lane);
  if (job == jobs_.end()) {
    std::optional<Candidate> candidate = backlog_.take(*lane);
    if (!candidate) return true;
    // A look takes as long as a small file does, so it is for all that are begun together.
    if (programs_ && !std::exchange(looked_, true)) programs_->look_for_misses();
    std::optional<Job> begun = begin(std::move(*candidate));
    if (!begun) {
      backlog_.give_back(*lane);
      return true;
    }
    job = jobs_.emplace(*lane, std::move(*begun)).first;
  }
  backlog_.give_back(*lane);
  const Result<bool> done = read(job->second);
  if (done && !*done) return true;
  Job ended = std::move(jobs_.extract(job).mapped());
  if (done) {
    const Noted read{Origin::reread, ended.reason, ended.reread.values()};
    finish(std::move(ended), read);
  } else {
    ended.reread = Reread(SourceFile(), 0);  // a writer may be waiting for the lease
    fail(std::move(ended.candidate), done.failure());
  }
  return true;
}

Result<bool> Finaliser::read(Job& job) {
  const uint64_t bytes = job.reread.bytes_read(), begun = now_ns();
  Result<bool> done = caught([&] { return job.reread.step(worker_); });
  const uint64_t now = now_ns();
  job.took += now - begun;
  count(counts_.bytes_read, job.reread.bytes_read() - bytes);
  if (!done || *done) pace_.rest(job.candidate.id, now, job.took, job.reads_before);
  return done;
}

void Finaliser::rest(Candidate candidate, uint64_t due) {
  if (candidate.was_written()) retract(candidate, {FailureKind::changed});
  candidate.held = false;
  backlog_.add(std::move(candidate), due);
}

std::optional<Finaliser::Job> Finaliser::begin(Candidate candidate) {
  UniqueFd file = tree_.open(candidate.id, Tree::kToRead | O_NOATIME);
  if (!file && errno == EPERM) file = tree_.open(candidate.id, Tree::kToRead);  // another's
  const int error = !file ? errno : has_no_name(file.get()) ? ENOENT : 0;
  if (error == ESTALE || error == ENOENT) {  // gone
    journal_.end(candidate.id);
    return std::nullopt;
  }
  if (error != 0) {
    fail(std::move(candidate), system_failure(error, "open_by_handle_at"));
    return std::nullopt;
  }
  if (!tree_.file_system(candidate.id.file_system).leases_tell) {
    if (const uint64_t wait = until_settled(file.get()); wait > 0) {
      backlog_.add(std::move(candidate), now_ns() + wait);
      return std::nullopt;
    }
  }
  // Until it is read, which takes a while, they would say what was.
  if (candidate.why == Why::closed && candidate.size >= Backlog::kLarge) retract(candidate, {FailureKind::changed});
  Result<SourceFile> source = SourceFile::adopt(std::move(file));
  if (!source) {
    fail(std::move(candidate), source.failure());
    return std::nullopt;
  }
  const int fd = source->fd();
  const uint64_t misses = programs_ ? programs_->misses() : 0;
  const ObserveView view = programs_ ? programs_->ask(fd, SLUICE_FINISH_ADOPT) : ObserveView{};
  if (view.found == SLUICE_FOUND_BUSY) {
    fail(std::move(candidate), {FailureKind::changed});
    return std::nullopt;
  }
  // Its lease is given back before attributes are set: until then, where no program sees a change, the stamps are to
  // tell.
  const bool is_blind = view.found != SLUICE_FOUND_ENTRY && !tree_.file_system(candidate.id.file_system).fine_stamps;
  if (is_blind && !settings_.attributes.empty()) {
    if (const uint64_t wait = until_settled(source->stamps()); wait > 0) {
      backlog_.add(std::move(candidate), now_ns() + wait);
      return std::nullopt;
    }
  }
  // Who has it open closes it, and would have it read for each of his changes until then.
  if (candidate.why == Why::changed && source->writers() != Writers::none && view.writers > 0) {
    fail(std::move(candidate), {FailureKind::writer});
    return std::nullopt;
  }
  // One that a walk came to may lack its attributes.
  const bool needs_nothing =
      candidate.why == Why::moved || (candidate.why == Why::found && settings_.attributes.empty());
  if (needs_nothing && is_known(*source, view, candidate)) return std::nullopt;
  const Noted noted = this->noted(fd, source->stamps().size, view);
  const uint64_t now = now_ns();
  if (const uint64_t due = pace_.due(candidate.id); noted.origin == Origin::reread && due > now) {
    rest(std::move(candidate), due);
    return std::nullopt;
  }
  in_hand_[candidate.id] = {.proven = source->writers() == Writers::none};
  Job job{std::move(candidate), Reread(std::move(*source), settings_.algorithms), misses, view, noted.reason};
  if (noted.origin == Origin::reread) {
    count(counts_.rereads[noted.reason]);
    job.reads_before = pace_.reads_before(job.candidate.id, now);
    return job;
  }
  count(counts_.followed);
  if (noted.reason != SLUICE_NOT_SWITCHED) count(counts_.switched[noted.reason]);
  finish(std::move(job), noted);
  return std::nullopt;
}

Noted Finaliser::noted(int fd, uint64_t size, const ObserveView& view) {
  if (!programs_) return Noted::nothing(SLUICE_REREAD_UNATTACHED);
  if (size < settings_.smallest) return Noted::nothing(SLUICE_REREAD_SMALL);
  return follower_->values(fd, view);
}

void Finaliser::finish(Job job, const Noted& noted) {
  Report report = report_of(Report::Kind::offered, job.candidate);
  report.stamps = job.reread.file().stamps();
  report.values = noted.values;
  report.origin = noted.origin;
  report.reason = noted.reason;
  const bool excluded = job.reread.file().writers() == Writers::none ||
                        (job.view.found == SLUICE_FOUND_ENTRY && !(job.view.why & SLUICE_WHY_MAPPED));
  UniqueFd fd = job.reread.file().let_go();
  name_inode(fd.get(), report);
  in_hand_[job.candidate.id].proven = false;  // its lease is given back
  if (settings_.attributes.empty()) {
    untold_.push_back({std::move(job.candidate), std::move(fd), std::move(report), job.misses, job.view, excluded});
    return;
  }
  Result<Attributes> kept = attributes_of(fd.get(), settings_.read);
  if (!kept) return give_up(std::move(job.candidate), kept.failure());
  report.kept = std::move(*kept);
  report.token = ++last_token_;
  offers_.emplace(report.token, Offer{std::move(job.candidate), std::move(fd), report, job.misses, job.view, excluded});
  outbox_.put(std::move(report));
}

void Finaliser::tell_values() {
  looked_ = false;
  if (untold_.empty()) return;
  if (programs_) programs_->look_for_misses();
  for (Offer& offer : std::exchange(untold_, {})) {
    if (is_doubtful(offer) || !watch(offer.fd.get(), offer.view)) {
      fail(std::move(offer.candidate), {FailureKind::changed});
    } else {
      conclude(std::move(offer));
    }
  }
}

void Finaliser::conclude(Offer offer) {
  auto& [candidate, fd, report, misses, view, excluded] = offer;
  const bool again = put_down(candidate);
  report.kind = Report::Kind::value;
  report.path = candidate.path;
  report.kept.clear();
  remember(candidate.id, {report.stamps, report.values, report.origin, report.reason, view.number, view.sequence,
                          ++last_turn_, excluded});
  count(counts_.values);
  outbox_.put(std::move(report));
  journal_.end(candidate.id);
  if (again) admit(std::move(candidate));
}

Report Finaliser::report_of(Report::Kind kind, const Candidate& candidate) const {
  Report report{.kind = kind, .path = candidate.path};
  report.pid = candidate.pid;
  report.comm = candidate.comm;
  report.why = candidate.why;
  return report;
}

}  // namespace sluice
