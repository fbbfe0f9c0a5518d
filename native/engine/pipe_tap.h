// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "bpf/page_address.h"
#include "bpf/pipe_tap.h"
#include "native/reduce/state.h"
#include "native/runtime/pipe.h"
#include "native/runtime/unique_fd.h"

namespace sluice {

// The loaded pipe tap (bpf/pipe.bpf.c): two programs and the map of committed states, one state per slot.
//
// There is one for the process, shared by all its threads and JavaScript environments: it holds descriptors only, so it
// may be used after the capabilities that loaded it are gone, or in a process that was handed the descriptors.
class PipeTap {
 public:
  // Duplicates the descriptors and maps the states. Throws a Failure.
  PipeTap(int bind_program, int run_program, int states_map, uint32_t slots);
  ~PipeTap();
  PipeTap(const PipeTap&) = delete;
  PipeTap& operator=(const PipeTap&) = delete;

  static std::shared_ptr<PipeTap> installed();
  static void install(std::shared_ptr<PipeTap> tap);

  uint32_t slots() const { return slots_; }
  sluice_state& state(uint32_t slot) { return states_[slot]; }

  // Remembers the pipe behind `pipe` as the slot's own. Returns a sluice_tap_status or -errno.
  int bind(uint32_t slot, int pipe) const;

  // The same, unless it is the slot's own already. To be called by the slot's thread alone.
  int bind_once(uint32_t slot, const Pipe& pipe);

  // Reduces the first `bytes` bytes in the pipe and commits them to the slot's state. Returns a sluice_tap_status or
  // -errno; unless it is SLUICE_TAP_OK the state is as it was.
  int run(uint32_t slot, int pipe, uint32_t algorithms, uint64_t bytes) const;

 private:
  UniqueFd bind_;
  UniqueFd run_;
  uint32_t slots_;
  size_t mapped_;
  sluice_state* states_;
  std::vector<uint64_t> bound_;  // Pipe::id by slot; 0: none
};

// What a failed bind or run means, for people.
const char* tap_status_text(int status);

// Runs a program of page_address.bpf.c over a page that begins with `cookie`. Returns the program's own code (0:
// found), or -errno.
int learn_page_address(int program, const uint8_t (&cookie)[SLUICE_COOKIE], uint64_t frames, sluice_page_address& out);

}  // namespace sluice
