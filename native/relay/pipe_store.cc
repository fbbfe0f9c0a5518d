// SPDX-License-Identifier: Apache-2.0
#include "native/relay/pipe_store.h"

#include "native/runtime/result.h"

namespace sluice {
namespace {

constexpr size_t kMost = 32;
// Kept for the next relay: making a pipe of this size takes longer than filling it.
constexpr size_t kSpare = 4;

}  // namespace

PipeStore& PipeStore::instance() {
  static auto* store = new PipeStore;  // never destroyed: the pool's threads may outlive static destructors
  return *store;
}

// What gives a pipe back may be a destructor, which can't fail.
PipeStore::PipeStore() { spare_.reserve(kSpare); }

std::optional<Pipe> PipeStore::take(bool insist) {
  std::lock_guard lock(mutex_);
  if (used_ >= kMost && !insist) return std::nullopt;
  std::optional<Pipe> pipe;
  if (!spare_.empty()) {
    pipe = std::move(spare_.back());
    spare_.pop_back();
  } else {
    if (!caught([&] { pipe.emplace(); })) return std::nullopt;
  }
  ++used_;
  return pipe;
}

void PipeStore::give(Pipe pipe, bool empty) {
  std::lock_guard lock(mutex_);
  --used_;
  if (empty && spare_.size() < kSpare) spare_.push_back(std::move(pipe));
}

}  // namespace sluice
