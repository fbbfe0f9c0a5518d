// SPDX-License-Identifier: Apache-2.0
#include "native/observe/finaliser.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <fstream>
#include <utility>

#include "native/observe/inode_attributes.h"
#include "native/runtime/clock.h"

namespace sluice {
namespace {

constexpr uint64_t kMillisecond = 1'000'000;
constexpr uint64_t kLongestWait = 60'000 * kMillisecond;
// After a change that may be the last, until it is looked whether somebody has the file open.
constexpr uint64_t kPause = 100 * kMillisecond;
// A file that changes all the time is read for a tenth of the time at most.
constexpr uint64_t kShare = 10;
// Offers that wait for their answers, each with an open descriptor: no more are made before.
constexpr size_t kMostOffers = 128;

std::string name_of(pid_t pid) {
  std::string name;
  if (pid > 0) std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/comm"), name);
  return name;
}

void count(std::atomic<uint64_t>& counter, uint64_t more = 1) { counter.fetch_add(more, std::memory_order_relaxed); }

// Not every kernel's time stamps tell two changes within a tick of its clock: how long until a next one is told, in ns.
uint64_t until_settled(int fd) {
  struct stat seen{};
  if (fstat(fd, &seen) != 0) return 0;
  timespec now{}, tick{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  clock_getres(CLOCK_REALTIME_COARSE, &tick);
  const int64_t margin = 2 * static_cast<int64_t>(tick.tv_nsec);
  const int64_t age = (now.tv_sec - seen.st_ctim.tv_sec) * 1'000'000'000 + now.tv_nsec - seen.st_ctim.tv_nsec;
  return age >= 0 && age < margin ? static_cast<uint64_t>(margin - age) : 0;
}

}  // namespace

// The path that an event told. A temporary file that had no name when it was opened (O_TMPFILE) is closed as one of a
// number, whatever name it got since.
std::string Finaliser::named(const FileId& id, std::string path) const {
  if (path[path.rfind('/') + 1] != '#') return path;
  const UniqueFd file = tree_.open(id, O_PATH);
  struct stat seen{};
  if (!file || fstat(file.get(), &seen) != 0 || !path.ends_with("/#" + std::to_string(seen.st_ino))) return path;
  return path_behind(file.get());
}

void Finaliser::consider(const FileId& id, std::string path, pid_t pid, Why why, const FileHandle* folder) {
  path = named(id, std::move(path));
  if (Candidate* waiting = backlog_.find(id)) {
    if (why == Why::closed && (waiting->why == Why::changed || waiting->held)) {
      waiting->tries = 0;
      backlog_.hurry(*waiting);
    }
    waiting->path = std::move(path);
    waiting->why = std::max(waiting->why, why);
    return;
  }
  const UniqueFd file = tree_.open(id, O_PATH);
  struct stat seen{};
  if (!file || fstat(file.get(), &seen) != 0 || !S_ISREG(seen.st_mode)) return journal_.end(id);
  if (seen.st_dev != tree_.file_system(id.file_system).dev) return;
  Candidate candidate{.id = id,
                      .path = std::move(path),
                      .pid = pid,
                      .comm = name_of(pid),
                      .why = why,
                      .owner = seen.st_uid,
                      .size = static_cast<uint64_t>(seen.st_size)};
  if (folder && seen.st_nlink > 1) {
    // Who may make a name for another's file must not have an attribute set on it.
    struct stat holder{};
    const UniqueFd above = tree_.open({id.file_system, *folder}, O_PATH);
    if (above && fstat(above.get(), &holder) == 0 && holder.st_uid != seen.st_uid)
      return unknown(candidate, {FailureKind::linked});
  }
  admit(std::move(candidate));
}

void Finaliser::consider_outside(const FileId& id, pid_t pid) {
  const bool is_ours = known_.contains(id) || backlog_.find(id);
  if (!is_ours && settings_.attributes.empty()) return journal_.end(id);
  const UniqueFd file = tree_.open(id, O_PATH);
  if (!file) return journal_.end(id);
  if (!is_ours) {
    // One of its other names may lie in the tree. Of a file with one name the attributes are others' affair.
    struct stat seen{};
    if (fstat(file.get(), &seen) != 0 || !S_ISREG(seen.st_mode) || seen.st_nlink < 2) return journal_.end(id);
    if (!carries_any(file.get(), settings_.attributes)) return journal_.end(id);
  }
  consider(id, path_behind(file.get()), pid, Why::closed, nullptr);
}

void Finaliser::admit(Candidate candidate) {
  if (const auto held = in_hand_.find(candidate.id); held != in_hand_.end()) {
    // What a lease excludes has happened before.
    held->second.again |= !held->second.proven;
    held->second.path = std::move(candidate.path);
    return;
  }
  // A close is told after the file was, sometimes: who held it was done before the lease was granted.
  if (candidate.why == Why::closed && is_as_told(candidate)) return;
  uint64_t due = 0;
  if (const auto known = known_.find(candidate.id); known != known_.end() && candidate.why == Why::closed) {
    due = known->second.ended + std::min(known->second.took * kShare, kLongestWait);
    if (due > now_ns()) {
      retract(candidate, {FailureKind::changed});
    } else {
      due = 0;
    }
  }
  // A writer has it open more often than not, and his close is told.
  if (candidate.why == Why::changed) due = now_ns() + kPause;
  journal_.begin(candidate.id);
  backlog_.add(std::move(candidate), due);
}

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
    std::optional<Job> begun = begin(std::move(*candidate));
    if (!begun) {
      backlog_.give_back(*lane);
      return true;
    }
    job = jobs_.emplace(*lane, std::move(*begun)).first;
  }
  backlog_.give_back(*lane);
  const uint64_t before = job->second.reread.bytes_read();
  const Result<bool> done = caught([&] { return job->second.reread.step(worker_); });
  count(counts_.bytes_read, job->second.reread.bytes_read() - before);
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

std::optional<Finaliser::Job> Finaliser::begin(Candidate candidate) {
  constexpr int kFlags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY;
  UniqueFd file = tree_.open(candidate.id, kFlags | O_NOATIME);
  if (!file && errno == EPERM) file = tree_.open(candidate.id, kFlags);  // another's
  if (!file) {
    const int error = errno;
    if (error == ESTALE || error == ENOENT) {  // gone
      journal_.end(candidate.id);
      return std::nullopt;
    }
    fail(std::move(candidate), system_failure(error, "open_by_handle_at"));
    return std::nullopt;
  }
  if (candidate.why == Why::moved && is_known(file.get(), candidate)) return std::nullopt;
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
  const uint64_t begun = now_ns();
  const ObserveView view = programs_ ? programs_->ask(fd, SLUICE_FINISH_ADOPT) : ObserveView{};
  if (view.found == SLUICE_FOUND_BUSY) {
    fail(std::move(candidate), {FailureKind::changed});
    return std::nullopt;
  }
  in_hand_[candidate.id] = {.proven = source->writers() == Writers::none};
  const Noted noted = this->noted(fd, source->stamps().size, view);
  Job job{std::move(candidate), Reread(std::move(*source), settings_.algorithms), begun, view, noted.reason};
  if (noted.origin == Origin::reread) {
    count(counts_.rereads[noted.reason]);
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
  UniqueFd fd = job.reread.file().let_go();
  name_inode(fd.get(), report);
  const uint64_t took = now_ns() - job.begun;
  if (settings_.attributes.empty()) {
    if (!watch(fd.get(), job.view)) return fail(std::move(job.candidate), {FailureKind::changed});
    return conclude(std::move(job.candidate), std::move(report), took, job.view);
  }
  Result<Attributes> kept = attributes_of(fd.get(), settings_.read);
  if (!kept) return unknown(job.candidate, kept.failure());
  report.kept = std::move(*kept);
  report.token = ++last_token_;
  offers_.emplace(report.token, Offer{std::move(job.candidate), std::move(fd), report, took, job.view});
  outbox_.put(std::move(report));
}

void Finaliser::conclude(Candidate candidate, Report report, uint64_t took, const ObserveView& view) {
  const bool again = put_down(candidate);
  report.kind = Report::Kind::value;
  report.path = candidate.path;
  report.kept.clear();
  remember(candidate.id, {report.stamps, report.values, report.origin, report.reason, now_ns(), took, view.number,
                          view.sequence, ++last_turn_});
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
