// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "native/observe/backlog.h"
#include "native/observe/follower.h"
#include "native/observe/journal/journal.h"
#include "native/observe/pace.h"
#include "native/observe/programs.h"
#include "native/observe/report.h"
#include "native/observe/reread.h"
#include "native/observe/setter/attribute_setter.h"
#include "native/observe/tree.h"
#include "native/runtime/worker.h"

namespace sluice {

struct ObserveSettings {
  // Without them files are read again.
  std::optional<ObservePrograms::Descriptors> programs;
  std::vector<std::string> roots;
  std::string journal;      // a path; empty: none is kept
  uint32_t algorithms = 0;  // mask
  uint64_t smallest = 0;    // files of fewer bytes are read, whatever the programs know of them
  bool shared = false;      // file systems that other machines may change, too
  // Those that are to be set.
  std::vector<std::string> attributes;
  // Those whose content decides over that.
  std::vector<std::string> read;
  // Of those to be set, the ones that do not tell for themselves that the file has changed since.
  std::vector<std::string> undated;
  // The program that sets them.
  std::string setter;
};

// What is to become of the attributes of a file that was offered: each name with its value, or none to remove it. Or
// why they are not to be set: `differs` where the values differ from what is kept of a file that nobody is known to
// have written to, of which nothing is touched.
struct ObserveAnswer {
  uint64_t token;
  Result<std::vector<AttributeChange>> changes;
};

// Gets the values of files that were written, and sets their attributes. Used on one thread.
class Finaliser {
 public:
  Finaliser(const ObserveSettings& settings, Tree& tree, Outbox& outbox, ObserveCounts& counts, Journal& journal)
      : settings_(settings), tree_(tree), outbox_(outbox), counts_(counts), journal_(journal) {}

  // A file with a name in the tree. `folder` is where it has it, if that is known.
  void consider(const FileId& id, std::string path, pid_t pid, Why why, const FileHandle* folder, bool is_ours = false);
  // One that has a name elsewhere: what counts is whether it carries what was set on it, or did: then it is ours.
  void consider_outside(const FileId& id, pid_t pid, Why why, bool is_ours = false);
  void answer(std::vector<ObserveAnswer> answers);

  // Works for a short while. False: there is nothing to do before `next_due`.
  bool step();
  // Ends a round of steps: tells their values, where there are no attributes to set.
  void tell_values();
  std::optional<uint64_t> next_due() const { return backlog_.next_due(); }
  // No file waits, or is in hand.
  bool idle() const { return backlog_.size() == 0 && in_hand_.empty(); }
  // Events were dropped: nothing is known of files any more.
  void forget() { known_.clear(); }
  // What the programs told, and what they are asked from now on.
  void take(const ObserveNote& note);
  // No more for now.
  void end_notes() { follower_->rest(); }
  void use(ObservePrograms* programs);
  // Who sets attributes, where there are any to set.
  void use(AttributeSetter* setter) { setter_ = setter; }
  // Closes all files.
  void abandon() {
    jobs_.clear();
    offers_.clear();
    untold_.clear();
  }

 private:
  // A file of which the sum is under way, or whose attributes are being composed.
  struct InHand {
    bool proven;  // a lease says that nobody writes to it
    bool again = false;
    std::string path = {};  // that it got since
  };
  struct Job {
    Candidate candidate;
    Reread reread;
    uint64_t misses;  // that were known before the programs were asked
    ObserveView view;
    uint32_t reason;  // why it is read
    uint32_t reads_before = 0;
    uint64_t took = 0;  // to read it, in ns of this thread
  };
  struct Offer {
    Candidate candidate;
    UniqueFd fd;
    Report report;
    uint64_t misses;
    ObserveView view;
    bool excluded;  // see Known
  };
  // An offer whose attributes are being set.
  struct Storing {
    Offer offer;
    SourceFile file;
  };
  // What was found out about a file.
  struct Known {
    Stamps stamps;
    Values values;
    Origin origin;
    uint32_t reason;
    uint64_t number;    // of the programs' entry
    uint64_t sequence;  // of that
    uint64_t turn;      // in `order_`
    // No store by a mapping can have changed it unseen: a lease excluded writers, or there was no mapping.
    bool excluded;
  };

  std::string named(const FileId& id, std::string path) const;
  bool join(const FileId& id, const std::string& path, pid_t pid, Why why);
  void admit(Candidate candidate);
  // Opens the file and begins with it; nothing where that ends with it, too.
  std::optional<Job> begin(Candidate candidate);
  // Goes on with the file by a piece. True: all is summed.
  Result<bool> read(Job& job);
  // It is not to be read before its time.
  void rest(Candidate candidate, uint64_t due);
  bool is_known(const SourceFile& file, const ObserveView& view, const Candidate& candidate);
  // It was closed, and nothing had happened to it since its value was told: that is told again.
  bool is_as_told(const Candidate& candidate);
  void tell_again(int fd, const Candidate& candidate, const Known& known);
  // What the programs know of a file, or why it is to be read.
  Noted noted(int fd, uint64_t size, const ObserveView& view);
  void finish(Job job, const Noted& noted);
  // What may be set now, because the file is still what it was; nothing, and it is told or tried again, otherwise.
  std::optional<Storing> prepare(Offer offer);
  // There are no attributes that could be set.
  void refuse(Offer offer, const Failure& why);
  void settle(Storing storing, const Result<>& set);
  void conclude(Offer offer);
  // Nothing has happened to the file since, as far as the programs see.
  bool is_unchanged(int fd, const ObserveView& view) const;
  // The first change from now on is to be told. False: there was one.
  bool watch(int fd, const ObserveView& view) const;
  // The programs' word is in it, and they were left out since they gave it, or before and nobody had looked.
  bool is_doubtful(const Offer& offer) const;
  void changed(const FileId& id);
  void remember(const FileId& id, Known known);

  bool put_down(Candidate& candidate);
  void give_up(Candidate candidate, const Failure& failure);
  void fail(Candidate candidate, const Failure& failure);
  void again(Candidate candidate, uint64_t longest_wait);
  void retract(const Candidate& candidate, const Failure& failure);
  // Whether there were any, or why they are still there.
  Result<bool> remove(int fd, const std::vector<std::string>& names);
  // That they were, or why they could not be.
  void tell_removed(int fd, Report report, const Result<bool>& removed);
  void unknown(const Candidate& candidate, Failure failure);
  Report report_of(Report::Kind kind, const Candidate& candidate) const;

  const ObserveSettings& settings_;
  Tree& tree_;
  Outbox& outbox_;
  ObserveCounts& counts_;
  Journal& journal_;  // of the files that it is not done with
  ObservePrograms* programs_ = nullptr;
  AttributeSetter* setter_ = nullptr;
  bool looked_ = false;               // for what they missed, in this round
  std::optional<Follower> follower_;  // with the programs
  Worker worker_{Worker::kNoSlot};
  Backlog backlog_;
  Pace pace_;
  std::map<Backlog::Lane, Job> jobs_;
  uint64_t last_token_ = 0;
  std::unordered_map<uint64_t, Offer> offers_;
  std::vector<Offer> untold_;  // without attributes
  std::unordered_map<FileId, InHand, FileIdHash> in_hand_;
  std::unordered_map<FileId, Known, FileIdHash> known_;
  std::deque<std::pair<FileId, uint64_t>> order_;  // of `known_`, the oldest first
  uint64_t last_turn_ = 0;
};

}  // namespace sluice
