// SPDX-License-Identifier: Apache-2.0
// Which files are looked at, and when: what events mean for files.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "native/file/place.h"
#include "native/observe/finaliser.h"
#include "native/observe/inode_attributes.h"
#include "native/runtime/clock.h"

namespace sluice {
namespace {

// After a change that may be the last, until it is looked whether somebody has the file open.
constexpr uint64_t kPause = 100 * kMillisecond;

std::string name_of(pid_t pid) {
  std::string name;
  if (pid > 0) std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/comm"), name);
  return name;
}

Candidate candidate_of(const FileId& id, std::string path, pid_t pid, Why why, const struct stat& seen) {
  return {.id = id,
          .path = std::move(path),
          .pid = pid,
          .comm = name_of(pid),
          .why = why,
          .owner = seen.st_uid,
          .size = static_cast<uint64_t>(seen.st_size)};
}

// How a file is related to a folder.
enum class Standing {
  own,        // it is its owner's, or there it has its only name
  linked,     // it is another's, and has other names
  elsewhere,  // it is another's, and is not there any more
};

// Who may make a name for another's file must not have an attribute set on it, nor by taking the name away in time. A
// name and the number of them are looked at in one call.
Standing standing_in(int folder, const std::string& path, const struct stat& file) {
  struct stat holder{}, named{};
  if (fstat(folder, &holder) != 0) return Standing::elsewhere;
  if (holder.st_uid == file.st_uid || file.st_nlink == 0) return Standing::own;
  const char* name = path.c_str() + path.rfind('/') + 1;
  const bool is_there = fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && same_file(named, file);
  if (is_there && named.st_nlink == 1) return Standing::own;
  return is_there || file.st_nlink > 1 ? Standing::linked : Standing::elsewhere;
}

}  // namespace

// The path that an event told. A temporary file that had no name when it was opened (O_TMPFILE) is closed as one of a
// number, whatever name it got since.
std::string Finaliser::named(const FileId& id, std::string path) const {
  if (path[path.rfind('/') + 1] != '#') return path;
  const UniqueFd file = tree_.open(id, O_PATH);
  struct stat seen{};
  if (!file || fstat(file.get(), &seen) != 0 || !path.ends_with("/#" + std::to_string(seen.st_ino))) return path;
  return tree_.path_of_file(file.get());
}

// It waits for its turn already.
bool Finaliser::join(const FileId& id, const std::string& path, pid_t pid, Why why) {
  Candidate* waiting = backlog_.find(id);
  if (!waiting) return false;
  if (why == Why::closed) {
    waiting->pid = pid;
    waiting->comm = name_of(pid);
    if (waiting->why == Why::changed || waiting->held) {
      waiting->tries = 0;
      struct stat seen{};
      const UniqueFd file = tree_.open(id, O_PATH);
      if (file && fstat(file.get(), &seen) == 0) waiting->size = static_cast<uint64_t>(seen.st_size);
      backlog_.hurry(*waiting);
    }
  }
  waiting->path = path;
  waiting->why = std::max(waiting->why, why);
  return true;
}

void Finaliser::consider(const FileId& id, std::string path, pid_t pid, Why why, const FileHandle* folder,
                         bool is_ours) {
  path = named(id, std::move(path));
  if (join(id, path, pid, why)) return;
  const UniqueFd file = tree_.open(id, O_PATH);
  struct stat seen{};
  if (!file || fstat(file.get(), &seen) != 0 || !S_ISREG(seen.st_mode)) return journal_.end(id);
  Standing standing = Standing::elsewhere;
  if (folder) {
    const UniqueFd above = tree_.open({id.file_system, *folder}, O_PATH);
    if (above) standing = standing_in(above.get(), path, seen);
  }
  if (standing == Standing::elsewhere) {
    // Renamed since, or nobody has said where it is.
    if (std::optional<Tree::Place> place = tree_.place_of(file.get())) {
      path = std::move(place->path);
      standing = standing_in(place->folder.get(), path, seen);
    }
  }
  if (standing == Standing::elsewhere) {
    // Where it was renamed in the tree, that is told, too.
    return why == Why::closed || why == Why::changed ? consider_outside(id, pid, why, is_ours) : journal_.end(id);
  }
  Candidate candidate = candidate_of(id, std::move(path), pid, why, seen);
  if (standing == Standing::linked) {
    // He who may write to it has done so: what it carries from before may not hold.
    if (why == Why::closed || why == Why::changed) retract(candidate, {FailureKind::changed});
    return unknown(candidate, {FailureKind::linked});
  }
  admit(std::move(candidate));
}

void Finaliser::consider_outside(const FileId& id, pid_t pid, Why why, bool is_ours) {
  is_ours = is_ours || known_.contains(id) || in_hand_.contains(id) || backlog_.find(id);
  if (!is_ours && settings_.attributes.empty()) return journal_.end(id);
  const UniqueFd file = tree_.open(id, O_PATH);
  struct stat seen{};
  if (!file || fstat(file.get(), &seen) != 0 || !S_ISREG(seen.st_mode)) return journal_.end(id);
  if (!is_ours) {
    // One of its other names may lie in the tree. Of a file with one name the attributes are others' affair.
    if (seen.st_nlink < 2 || !carries_any(file.get(), settings_.attributes)) return journal_.end(id);
  }
  std::string path = tree_.path_of_file(file.get());
  if (!join(id, path, pid, why)) admit(candidate_of(id, std::move(path), pid, why, seen));
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
  // A writer has it open more often than not, and his close is told.
  const uint64_t due = candidate.why == Why::changed ? now_ns() + kPause : 0;
  journal_.begin(candidate.id);
  // It waits, and nobody has told of its change but its close.
  if (!programs_ && candidate.why == Why::closed && backlog_.size() > 0) retract(candidate, {FailureKind::changed});
  backlog_.add(std::move(candidate), due);
}

}  // namespace sluice
