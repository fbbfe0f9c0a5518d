// SPDX-License-Identifier: Apache-2.0
#include "native/observe/observer.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <ctime>
#include <thread>
#include <utility>

#include "native/observe/self_test.h"
#include "native/runtime/clock.h"

namespace sluice {
namespace {

// How long files are worked on at least before events are read again, in ns.
constexpr uint64_t kWhile = 200'000;

int milliseconds_until(std::optional<uint64_t> due) {
  if (!due) return -1;
  const uint64_t now = now_ns();
  if (*due <= now) return 0;
  return static_cast<int>(std::min<uint64_t>((*due - now) / 1'000'000 + 1, INT_MAX));
}

}  // namespace

Result<> Observer::start() {
  for (const std::string& path : settings_.roots) {
    reached_ = path;
    if (const Result<> added = tree_.add(path, settings_.shared); !added) return added.failure();
  }
  wake_.reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_) return system_failure(errno, "eventfd");
  Result<Fanotify> fanotify = Fanotify::create();
  if (!fanotify) return fanotify.failure();
  fanotify_ = std::move(*fanotify);
  if (settings_.programs) {
    auto programs = ObservePrograms::create(
        *settings_.programs, [this](const ObserveNote& note) { take([this, note] { finaliser_.take(note); }); });
    if (!programs) return programs.failure();
    programs_ = std::move(*programs);
    finaliser_.use(programs_.get());
  }
  if (!settings_.attributes.empty()) {
    auto setter = AttributeSetter::start(settings_.setter, settings_.read);
    if (!setter) return setter.failure();
    setter_ = std::move(*setter);
    finaliser_.use(setter_.get());
  }
  if (const Result<> opened = open_journal(); !opened) return opened.failure();
  seen_until_ns_ = noted_until_ns_ = clock_ns(CLOCK_REALTIME);
  std::vector<FanotifyEvent> others;
  for (const Tree::Root& root : tree_.roots()) {
    reached_ = root.path;
    if (const Result<> begun = begin_at(root, others); !begun) return begun.failure();
  }
  if (journal_.is_open()) {
    if (const Result<> started = journal_.start(seen_until_ns_); !started) return started.failure();
    if (journal_.past()) ++walks_;
  }
  const Result<> seen = caught([&] {
    for (const FanotifyEvent& event : others) on_event(event);
  });
  if (!seen) return seen.failure();
  // Signals belong to Node's main thread; the ones that announce a broken lease are to stay pending on this one.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const Result<> begun = caught([this] { std::thread([self = shared_from_this()] { self->run(); }).detach(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return begun;
}

Result<> Observer::begin_at(const Tree::Root& root, std::vector<FanotifyEvent>& others) {
  if (const Result<> marked = fanotify_.mark(root.folder.get()); !marked) return marked.failure();
  const auto take = [&](const FanotifyEvent& event) { others.push_back(event); };
  const Result<Sight> seen = test_sight(root.folder.get(), fanotify_, programs_.get(), take);
  if (seen) {
    if (seen->fine_stamps) tree_.trust_stamps(root.file_system);
    return {};
  }
  if (seen.failure().kind == FailureKind::unseen) return seen.failure();
  if (!untested_) untested_ = {root.path, seen.failure()};
  return {};
}

void Observer::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  wake();
}

void Observer::wake() {
  if (wake_) eventfd_write(wake_.get(), 1);
}

void Observer::answer(std::vector<ObserveAnswer> answers) {
  std::lock_guard lock(mutex_);
  for (ObserveAnswer& each : answers) answers_.push_back(std::move(each));
  wake();
}

Result<FileId> Observer::id_of(int fd) const {
  const Result<uint64_t> fsid = fsid_of(fd);
  if (!fsid) return fsid.failure();
  const std::optional<uint32_t> file_system = tree_.file_system_of(*fsid);
  if (!file_system) return Failure{.kind = FailureKind::not_observable, .detail = "another file system"};
  Result<FileHandle> handle = FileHandle::of(fd);
  if (!handle) return handle.failure();
  return FileId{*file_system, std::move(*handle)};
}

Result<bool> Observer::contains(int folder) {
  std::lock_guard lock(mutex_);
  if (!wake_) return false;
  return tree_.contains(folder);
}

Result<UniqueFd> Observer::open_folder(std::string_view id) {
  const std::optional<FileId> folder = FileId::from_bytes(id);
  std::lock_guard lock(mutex_);
  if (!wake_ || !folder || folder->file_system >= tree_.file_systems()) return UniqueFd();
  UniqueFd opened = tree_.open_unnoted(*folder, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
  if (!opened && errno != ESTALE && errno != ENOENT) return system_failure(errno, "open_by_handle_at");
  return opened;
}

Result<> Observer::look_at(int fd, int folder, std::string name) {
  Result<FileId> id = id_of(fd);
  if (!id) return id.failure();
  Result<FileId> above = id_of(folder);
  if (!above) return above.failure();
  std::lock_guard lock(mutex_);
  found_.push_back({std::move(*id), std::move(*above), std::move(name)});
  wake();
  return {};
}

void Observer::walked() {
  std::lock_guard lock(mutex_);
  ++walked_;
  wake();
}

Result<bool> Observer::was_pending(int fd) const {
  const Result<FileId> id = id_of(fd);
  if (!id) return id.failure();
  return journal_.was_pending(*id);
}

void Observer::run() {
  pthread_setname_np(pthread_self(), "sluice-observe");
  const Result<> served = caught([this] {
    Result<> served = serve();
    if (served) stop_journal();
    return served;
  });
  Report last{.kind = Report::Kind::ended};
  last.failure = served ? Failure{FailureKind::aborted} : served.failure();
  close();
  outbox_.put(std::move(last));
  outbox_.tell();
}

// JavaScript may hold this for long.
void Observer::close() {
  fanotify_ = Fanotify();
  finaliser_.abandon();
  setter_.reset();
  journal_.close();
  programs_.reset();
  std::lock_guard lock(mutex_);
  tree_.close();
  wake_.reset();
}

Result<> Observer::serve() {
  for (;;) {
    counts_.cpu_ns = static_cast<uint64_t>(clock_ns(CLOCK_THREAD_CPUTIME_ID));
    if (!take_inbox()) return {};
    const uint64_t begun = now_ns();
    const int64_t now = clock_ns(CLOCK_REALTIME);
    const bool drained = resume() && drain();
    // After the events: what was noted of a file before it was closed counts.
    if (programs_ && postponed_.empty()) take_notes();
    keep_journal(drained && postponed_.empty() ? now : 0);
    // Who makes events all the time keeps nobody's files waiting.
    const bool worked = work(now_ns() - begun);
    outbox_.tell();
    const bool pauses = !postponed_.empty();
    if (worked || (!drained && !pauses)) continue;
    // No more is taken before what was postponed: the kernel keeps it.
    const int events = pauses ? -1 : fanotify_.fd();
    const int notes = pauses || !programs_ ? -1 : programs_->fd();
    const int setter = setter_ ? setter_->fd() : -1;
    std::array<pollfd, 4> waits{
        {{events, POLLIN, 0}, {wake_.get(), POLLIN, 0}, {notes, POLLIN, 0}, {setter, POLLIN, 0}}};
    std::optional<uint64_t> due = finaliser_.next_due();
    if (beat_due_ && (!due || *beat_due_ < *due)) due = beat_due_;
    if (unnoted_since_ns_ && (!due || unnoted_due_ < *due)) due = unnoted_due_;
    if (pauses && (!due || resume_due_ < *due)) due = resume_due_;
    const int ready = poll(waits.data(), waits.size(), milliseconds_until(due));
    if (ready < 0 && errno != EINTR) return system_failure(errno, "poll");
    if (waits.back().revents != 0) return Failure{FailureKind::no_setter};
    if (ready > 0) expect_beat();
  }
}

// Many small files go together: to read events and to wake the thread that takes reports costs as much as one of them.
bool Observer::work(uint64_t as_long_as) {
  const uint64_t until = now_ns() + std::max(kWhile, as_long_as);
  bool more = true;
  while ((more = finaliser_.step())) {
    expect_beat();
    if (now_ns() >= until) break;
    journal_.flush();
  }
  finaliser_.tell_values();
  return more;
}

}  // namespace sluice
