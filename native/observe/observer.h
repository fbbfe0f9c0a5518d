// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "native/observe/fanotify.h"
#include "native/observe/finaliser.h"
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
  // A file of the tree that is to be looked at, too; the descriptor may be closed after it.
  Result<> look_at(int fd, std::string path);

  const ObserveCounts& counts() const { return counts_; }
  // Where start() failed, the folder that it came to.
  const std::string& reached() const { return reached_; }

 private:
  struct Found {
    FileId id;
    std::string path;
  };

  void run();
  // With the mutex.
  void wake();
  void close();
  Result<> serve();
  // Whether there may be more to do.
  bool work();
  bool drain();
  void on_event(const FanotifyEvent& event);
  // False: it is to end.
  bool take_inbox();

  const ObserveSettings settings_;
  std::string reached_;
  Tree tree_;
  Fanotify fanotify_;
  UniqueFd wake_;  // eventfd, until the thread has ended
  Outbox outbox_;
  ObserveCounts counts_;
  Finaliser finaliser_{settings_, tree_, outbox_, counts_};
  std::unique_ptr<AttributeSetter> setter_;    // none: there are no attributes to set
  std::unique_ptr<ObservePrograms> programs_;  // none: files are read again
  int64_t seen_until_ns_ = 0;                  // all that happened before, since 1970, was told

  std::mutex mutex_;
  bool stopped_ = false;
  std::vector<ObserveAnswer> answers_;
  std::vector<Found> found_;
};

}  // namespace sluice
