// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "native/observe/handle.h"

namespace sluice {

// What made us look at a file.
enum class Why : uint8_t {
  found,    // by a walk through a folder
  moved,    // it got another name
  changed,  // the programs saw it change, and nobody may have to close it (truncate(2))
  closed,   // who had it open for writing has closed it
};

// A file that is to be looked at.
struct Candidate {
  FileId id;
  std::string path;
  pid_t pid = 0;
  std::string comm;
  Why why = Why::closed;
  uid_t owner = 0;
  uint64_t size = 0;  // as it was when it was admitted
  uint32_t tries = 0;
  bool held = false;  // at the last try somebody had it open for writing
  uint64_t due = 0;   // by now_ns(); 0: it waits in its lane

  bool was_written() const { return why == Why::closed || why == Why::changed; }
};

// The files that wait for their turn, each once. A lane holds one owner's files, the large ones apart; lanes take
// turns, so that nobody waits for another's files, nor for a large one of his own.
class Backlog {
 public:
  struct Lane {
    uid_t owner;
    bool large;
    auto operator<=>(const Lane&) const = default;
  };
  static constexpr uint64_t kLarge = 8 << 20;

  static Lane lane_of(const Candidate& candidate) { return {candidate.owner, candidate.size >= kLarge}; }

  // One that waits already, to be brought up to date; nullptr if it does not.
  Candidate* find(const FileId& id);
  // `due` is when it may be taken, by now_ns(); 0: at once. One that waits already waits as it does.
  void add(Candidate candidate, uint64_t due = 0);
  // One that waits for its time waits no longer.
  void hurry(Candidate& candidate);
  // Those whose time has come go to their lanes.
  void wake(uint64_t now);
  // When the next one's time comes; nothing if none waits for that.
  std::optional<uint64_t> next_due() const;

  // The lane whose turn it is; it has no other before it is given back.
  std::optional<Lane> turn();
  void give_back(const Lane& lane) { turns_.push_back(lane); }
  // The first of a lane; nothing, and the lane is gone, if none waits in it.
  std::optional<Candidate> take(const Lane& lane);

  size_t size() const { return waiting_.size(); }

 private:
  void queue(const FileId& id, const Lane& lane);

  std::unordered_map<FileId, Candidate, FileIdHash> waiting_;
  std::map<Lane, std::deque<FileId>> lanes_;
  std::deque<Lane> turns_;
  std::multimap<uint64_t, FileId> later_;
};

}  // namespace sluice
