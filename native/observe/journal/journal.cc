// SPDX-License-Identifier: Apache-2.0
#include "native/observe/journal/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <utility>

namespace sluice {
namespace {

constexpr char kMagic[16] = "sluice observe1";
constexpr uint64_t kRecords = 4096;  // where they begin at the earliest
constexpr char kBegun = '+', kEnded = '-';
// Of files that are under way. With more of them, the time until which everything was told stands still until none is.
constexpr size_t kMostPending = 1 << 17;
constexpr uint64_t kCompactAt = 256 << 10;
constexpr uint64_t kMostRead = 64 << 20;

constexpr int64_t kSecond = 1'000'000'000;
// What was under way may be told later than its time stamp says.
constexpr int64_t kMargin = 2 * kSecond;
// What the kernel keeps in memory before it writes it to the disk, at most, and which a machine that falls loses.
constexpr int64_t kUnwritten = 120 * kSecond;

struct RecordHead {
  uint64_t check;
  uint32_t file_system;
  uint16_t length;  // of the handle behind it
  char kind;
  char unused;
};

// Time stamps are of the last tick of the kernel's clock.
int64_t two_ticks() {
  timespec tick{};
  clock_getres(CLOCK_REALTIME_COARSE, &tick);
  return 2 * static_cast<int64_t>(tick.tv_nsec);
}

std::string boot_id() {
  std::string id;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), id);
  return id;
}

uint64_t check_of(const RecordHead& head, const char* handle, uint32_t epoch) {
  uint64_t check = number_of(kNumberOfNothing, &epoch, sizeof(epoch));
  constexpr size_t kBehindCheck = offsetof(RecordHead, file_system);
  check = number_of(check, reinterpret_cast<const char*>(&head) + kBehindCheck, sizeof(head) - kBehindCheck);
  return number_of(check, handle, head.length);
}

Failure journal_failure(int error, const char* call) { return system_failure(error, call, Subject::journal); }

Failure no_journal(FailureKind kind, const char* detail) {
  return {.kind = kind, .detail = detail, .subject = Subject::journal};
}

}  // namespace

struct Journal::Header {
  char magic[sizeof(kMagic)];
  char boot[40];
  uint64_t tree;
  int64_t begun;
  int64_t beat;
  uint64_t start;
  uint32_t epoch;
  uint32_t stopped;
  uint64_t check;

  uint64_t checked() const { return number_of(kNumberOfNothing, this, offsetof(Header, check)); }
};

Result<Journal> Journal::open(const std::string& path, uint64_t tree) {
  Journal made;
  constexpr int kFlags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  made.file_.reset(::open(path.c_str(), kFlags, 0600));
  if (!made.file_) return journal_failure(errno, "open");
  struct stat seen{};
  if (fstat(made.fd(), &seen) != 0) return journal_failure(errno, "fstat");
  // Who could write to it could have files left out.
  if (!S_ISREG(seen.st_mode) || seen.st_uid != geteuid() || seen.st_mode & (S_IWGRP | S_IWOTH))
    return no_journal(FailureKind::not_a_file, "is not a file that this user alone may write to");
  if (flock(made.fd(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return no_journal(FailureKind::busy, "is kept by another observer");
    return journal_failure(errno, "flock");
  }
  if (const Result<> read = made.read(tree); !read) return read.failure();
  return made;
}

Result<> Journal::read(uint64_t tree) {
  tree_ = tree;
  start_ = end_ = kRecords;
  Header header{};
  const ssize_t length = pread(fd(), &header, sizeof(header), 0);
  if (length < 0) return journal_failure(errno, "pread");
  if (length == 0) return {};
  if (length != sizeof(header) || memcmp(header.magic, kMagic, sizeof(kMagic)) != 0 || header.check != header.checked())
    return no_journal(FailureKind::not_a_file, "is no journal of an observer");
  if (header.tree != tree) return no_journal(FailureKind::differs, "is of other folders");
  const bool same_boot = boot_id() == std::string(header.boot, strnlen(header.boot, sizeof(header.boot)));
  const int64_t margin = header.stopped ? (same_boot ? two_ticks() : kMargin) : same_boot ? kMargin : kUnwritten;
  past_ = {header.begun, header.beat - margin};
  begun_ = header.begun;
  epoch_ = header.epoch;
  start_ = end_ = header.start;
  struct stat seen{};
  if (fstat(fd(), &seen) != 0) return journal_failure(errno, "fstat");
  const auto size = static_cast<uint64_t>(seen.st_size);
  std::string records(size > start_ ? std::min(size - start_, kMostRead) : 0, '\0');
  const ssize_t got = pread(fd(), records.data(), records.size(), static_cast<off_t>(start_));
  if (got < 0) return journal_failure(errno, "pread");
  records.resize(static_cast<size_t>(got));
  read_records(records);
  left_ = std::make_shared<const Files>(pending_);
  unfound_ = pending_;
  return {};
}

// As far as they are whole: the last one may be torn.
void Journal::read_records(const std::string& bytes) {
  size_t at = 0;
  for (RecordHead head; at + sizeof(head) <= bytes.size(); at += sizeof(head) + head.length) {
    memcpy(&head, bytes.data() + at, sizeof(head));
    const char* const behind = bytes.data() + at + sizeof(head);
    if (at + sizeof(head) + head.length > bytes.size() || head.check != check_of(head, behind, epoch_)) break;
    const std::optional<FileHandle> handle = FileHandle::from_bytes(std::string(behind, head.length));
    if (!handle) break;
    FileId id{head.file_system, *handle};
    if (head.kind == kEnded) {
      pending_.erase(id);
    } else if (pending_.size() < kMostPending) {
      pending_.insert(std::move(id));
    }
  }
  end_ = start_ + at;
}

Result<> Journal::start(int64_t now) {
  if (!past_) begun_ = now;
  if (ftruncate(fd(), static_cast<off_t>(end_)) != 0) return journal_failure(errno, "ftruncate");
  return write_header(past_ ? past_->since : now, false);
}

Result<> Journal::write_header(int64_t beat, bool stopped) {
  Header header{};
  memcpy(header.magic, kMagic, sizeof(kMagic));
  boot_id().copy(header.boot, sizeof(header.boot) - 1);
  header.tree = tree_;
  header.begun = begun_;
  header.beat = beat_ = beat;
  header.start = start_;
  header.epoch = epoch_;
  header.stopped = stopped;
  header.check = header.checked();
  if (pwrite(fd(), &header, sizeof(header), 0) != sizeof(header)) return journal_failure(errno, "pwrite");
  return {};
}

void Journal::begin(const FileId& id) {
  unfound_.erase(id);
  if (!is_open() || pending_.contains(id)) return;
  if (pending_.size() >= kMostPending) {
    overfull_ = true;
    return;
  }
  pending_.insert(id);
  if (broken_) return;
  unwritten_ += record_of(kBegun, id, epoch_);
  urgent_ = true;
}

void Journal::end(const FileId& id) {
  if (!is_open() || pending_.erase(id) == 0 || broken_) return;
  unwritten_ += record_of(kEnded, id, epoch_);
}

void Journal::forget_left() {
  for (const FileId& id : std::exchange(unfound_, {})) end(id);
}

std::string Journal::record_of(char kind, const FileId& id, uint32_t epoch) const {
  const std::string& handle = id.handle.bytes();
  RecordHead head{0, id.file_system, static_cast<uint16_t>(handle.size()), kind, 0};
  head.check = check_of(head, handle.data(), epoch);
  return std::string(reinterpret_cast<const char*>(&head), sizeof(head)) + handle;
}

void Journal::flush() {
  if (!urgent_ || broken_) return;
  const std::string bytes = std::exchange(unwritten_, {});
  urgent_ = false;
  write(bytes, end_);
  if (broken_) return;
  end_ += bytes.size();
  if (end_ - start_ > kCompactAt + 4 * sizeof(RecordHead) * pending_.size()) compact();
}

void Journal::beat(int64_t seen_until, bool stopped) {
  if (broken_) compact();
  urgent_ = !unwritten_.empty();
  flush();
  if (broken_ || overfull_) return;
  if (const Result<> written = write_header(seen_until, stopped); !written) fail(written.failure());
}

void Journal::write(const std::string& bytes, uint64_t at) {
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t length = pwrite(fd(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(at + done));
    if (length <= 0) return fail(journal_failure(length < 0 ? errno : EIO, "pwrite"));
    done += static_cast<size_t>(length);
  }
}

void Journal::compact() {
  const bool was_broken = std::exchange(broken_, false);
  std::string bytes;
  for (const FileId& id : pending_) bytes += record_of(kBegun, id, epoch_ + 1);
  const bool fits_before = kRecords + bytes.size() <= start_;
  const uint64_t at = fits_before ? kRecords : end_;
  write(bytes, at);
  if (broken_) {
    if (was_broken) failure_.reset();
    return;
  }
  ++epoch_;
  start_ = at;
  end_ = at + bytes.size();
  unwritten_.clear();
  urgent_ = false;
  if (const Result<> written = write_header(beat_, false); !written) return fail(written.failure());
  if (fits_before && ftruncate(fd(), static_cast<off_t>(end_)) != 0) return;  // then what no more counts stays
}

void Journal::fail(const Failure& failure) {
  broken_ = true;
  unwritten_.clear();
  failure_ = failure;
}

std::optional<Failure> Journal::take_failure() { return std::exchange(failure_, std::nullopt); }

}  // namespace sluice
