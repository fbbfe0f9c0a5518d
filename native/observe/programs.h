// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "bpf/observe.h"
#include "native/engine/sums.h"
#include "native/runtime/result.h"
#include "native/runtime/unique_fd.h"

struct ring_buffer;

namespace sluice {

using ObserveNote = sluice_observe_note;
using ObserveView = sluice_observe_finish;

// The programs of the observe tap, which see what is written as it is written. lib/ loads and attaches them.
class ObservePrograms {
 public:
  struct Descriptors {
    int finish;              // a program
    int control;             // a program
    int notes;               // a map
    int sums;                // a map
    uint32_t method;         // enum sluice_observe_method
    std::vector<int> hooks;  // the programs that are attached
  };

  // Keeps duplicates. Notes are for `take`.
  static Result<std::unique_ptr<ObservePrograms>> create(const Descriptors& from,
                                                         std::function<void(const ObserveNote&)> take);

  // Becomes readable when there are notes.
  int fd() const;
  // Hands over the notes that there are. False: there was no room to note a change of a file that had a value.
  bool consume();

  // What is known of an open file. With a flag (enum sluice_observe_flags): what came of it.
  ObserveView ask(int fd, uint32_t flags = 0, uint64_t sequence = 0) const;
  // Those of the file that was asked of last, where the programs sum CRCs.
  std::optional<Values> sums() const;
  uint32_t method() const { return method_; }
  // Folders were moved: what lies in the trees is to be asked anew.
  void moved() const;
  // The kernel leaves a program out that it finds at work already. Tells the programs if it did, so that no entry that
  // is there now is believed.
  void look_for_misses();
  // How many were found so far.
  uint64_t misses() const { return misses_; }

 private:
  struct Free {
    void operator()(ring_buffer* buffer) const;
  };

  sluice_observe_control control(uint32_t command) const;

  UniqueFd finish_;
  UniqueFd control_;
  UniqueFd notes_;
  UniqueFd sums_;
  uint32_t method_ = SLUICE_OBSERVE_FOLLOW;
  std::vector<UniqueFd> hooks_;
  std::function<void(const ObserveNote&)> take_;
  std::unique_ptr<ring_buffer, Free> ring_;
  uint64_t misses_ = 0;
};

}  // namespace sluice
