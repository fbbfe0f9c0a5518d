// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "native/observe/fanotify.h"
#include "native/observe/finaliser.h"
#include "native/observe/journal/journal.h"
#include "native/observe/report.h"
#include "native/observe/tree.h"
#include "native/runtime/result.h"
#include "native/runtime/unique_fd.h"

namespace sluice {

// Observes trees, on a thread of its own. All that is called here is called from another.
class Observer : public std::enable_shared_from_this<Observer> {
 public:
  explicit Observer(ObserveSettings settings) : settings_(std::move(settings)) {}

  // From here on what happens is seen.
  Result<> start();
  // Ends the thread, after which there is one more report.
  void stop();

  Outbox& outbox() { return outbox_; }
  void answer(std::vector<ObserveAnswer> answers);
  // Whether an open folder is one of those that are observed, or lies in one.
  Result<bool> contains(int folder);
  // One that a report told of, by its `id`; no descriptor if it is gone.
  Result<UniqueFd> open_folder(std::string_view id);
  // A file that was found in a folder of the tree is to be looked at, too; the descriptors may be closed after it.
  Result<> look_at(int fd, int folder, std::string name);
  // A walk is over that a report, or what is past, had asked for.
  void walked();
  // What an observer before left, where a journal says so.
  const std::optional<Journal::Past>& past() const { return journal_.past(); }
  // Whether one had not done with a file.
  Result<bool> was_pending(int fd) const;

  const ObserveCounts& counts() const { return counts_; }
  // Where start() failed, the folder that it came to.
  const std::string& reached() const { return reached_; }
  // Where no file could be made, nobody knows whether what happens there is seen.
  struct Untested {
    std::string root;
    Failure why;
  };
  const std::optional<Untested>& untested() const { return untested_; }

 private:
  // Between two looks at what happened, in buffers: a burst must not keep the thread from its work, nor fill the queue.
  static constexpr int kMostBuffers = 16;

  struct Found {
    FileId id;
    FileId folder;
    std::string name;
  };

  // What happened to `others` while it ran is to be looked at, too.
  Result<> begin_at(const Tree::Root& root, std::vector<FanotifyEvent>& others);
  void run();
  Result<FileId> id_of(int fd) const;
  // With the mutex.
  void wake();
  void close();
  Result<> serve();
  // For as many nanoseconds, or a short while. Whether there may be more to do.
  bool work(uint64_t as_long_as);
  bool drain();
  void on_event(const FanotifyEvent& event);
  void look_at(const FanotifyEvent& event);
  // Acts upon what was told; once more later, if descriptors or memory were short.
  void take(std::function<void()> act);
  // False: that is still to come.
  bool resume();
  // Something happened since then of which nobody knows to which file.
  void lose(int64_t since_ns);
  void take_notes();
  // False: it is to end.
  bool take_inbox();
  Result<> open_journal();
  // Something happens.
  void expect_beat();
  // What was told until now, and recorded: until when that is all.
  void keep_journal(int64_t seen_until);
  // Ends it so that nothing that was seen has to be looked for again.
  void stop_journal();

  const ObserveSettings settings_;
  std::string reached_;
  std::optional<Untested> untested_;
  Tree tree_;
  Fanotify fanotify_;
  UniqueFd wake_;  // eventfd, until the thread has ended
  Outbox outbox_;
  ObserveCounts counts_;
  Journal journal_;
  Finaliser finaliser_{settings_, tree_, outbox_, counts_, journal_};
  std::unique_ptr<AttributeSetter> setter_;    // none: there are no attributes to set
  std::unique_ptr<ObservePrograms> programs_;  // none: files are read again
  int64_t seen_until_ns_ = 0;                  // all that happened before, since 1970, was told
  int64_t noted_until_ns_ = 0;                 // the same of what the programs note
  std::optional<int64_t> unnoted_since_ns_;    // there was no room, and it is not looked for yet
  uint64_t unnoted_due_ = 0;                   // by now_ns(): when it may be
  std::vector<std::function<void()>> postponed_;
  uint64_t resume_due_ = 0;           // by now_ns()
  uint64_t walks_ = 0;                // that were asked for, and are not over
  std::optional<uint64_t> beat_due_;  // by now_ns(); something happened since the last one

  std::mutex mutex_;
  bool stopped_ = false;
  std::vector<ObserveAnswer> answers_;
  std::vector<Found> found_;
  uint64_t walked_ = 0;
};

}  // namespace sluice
