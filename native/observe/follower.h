// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "native/observe/extents.h"
#include "native/observe/noted.h"
#include "native/observe/programs.h"
#include "native/observe/report.h"
#include "native/observe/tree.h"
#include "native/runtime/worker.h"

namespace sluice {

// Sums what the programs noted while it is in the page cache, and combines it with what they summed themselves.
class Follower {
 public:
  Follower(const ObservePrograms& programs, const Tree& tree, uint32_t algorithms, ObserveCounts& counts)
      : programs_(programs), tree_(tree), algorithms_(algorithms), counts_(counts) {}

  // A range, which is read, or a run that had to make room.
  void take(const ObserveNote& note);
  // Keeps no file open: one that is removed would keep its space.
  void rest() { open_.reset(); }
  // The values of an open file of which the programs have just told this. What was not noted is read now.
  Noted values(int fd, const ObserveView& view);
  // The file will not be asked for again.
  void forget(uint64_t number);

 private:
  struct Followed {
    Extents extents;
    uint32_t notes = 0;  // as many came, one after the other
    bool lost = false;

    void lose() {
      lost = true;
      extents = Extents();
    }
  };

  Followed& file_of(const ObserveNote& note);
  bool add(const ObserveNote& note, Extents& to);
  // Of the oldest files that are in many pieces no more is known, where all are in too many.
  void bound(uint64_t number, const Followed& file);
  bool open(const ObserveNote& note);
  bool sum(int fd, uint64_t start, uint64_t end, Extents& to);
  // The sums of a run are with it where Adler-32 is all that is summed; those of CRCs are apart.
  bool add_summed(const sluice_observe_run& run, Extents& to) const;

  const ObservePrograms& programs_;
  const Tree& tree_;
  const uint32_t algorithms_;
  ObserveCounts& counts_;
  Worker worker_{Worker::kNoSlot};
  std::map<uint64_t, Followed> files_;  // by the number of their entry: the oldest first
  size_t stretches_ = 0;                // of all of them
  std::set<uint64_t> scattered_;        // numbers of those in many
  UniqueFd open_;                       // the file that the last range was of
  uint64_t open_number_ = 0;
};

}  // namespace sluice
