// SPDX-License-Identifier: Apache-2.0
#include "native/observe/hooked.h"

#include "bpf/reduce/state.h"

namespace sluice {
namespace {

constexpr size_t kMostFiles = 1 << 16;

// Runs have the sum of Adler-32 with them, where that is all that is summed.
void add(Extents& to, const sluice_observe_run& run) {
  Values values = initial_values();
  values[static_cast<size_t>(Algorithm::adler32)] = run.noted_or_sum;
  to.add(run.start, run.end, values);
}

}  // namespace

void Hooked::take(const ObserveNote& note) {
  if (files_.size() >= kMostFiles) files_.clear();
  File& file = files_[note.number];
  file.lost |= note.order != file.runs++;
  if (!file.lost) add(file.extents, note.run);
}

std::optional<Values> Hooked::values(int, const ObserveView& view) {
  if (view.found != SLUICE_FOUND_ENTRY || view.why != 0) return std::nullopt;
  // A CRC goes on from one place only, so that there is one run, and its sums are apart.
  if (algorithms_ != SLUICE_ADLER32 && view.events > 0) {
    const bool whole = view.notes == 0 && view.runs[0].start == 0 && view.runs[0].end == view.size;
    return whole ? programs_.sums() : std::nullopt;
  }
  Extents extents;
  if (const auto found = files_.find(view.number); found != files_.end()) {
    if (found->second.lost || found->second.runs != view.notes) return std::nullopt;
    extents = found->second.extents;
  } else if (view.notes != 0) {
    return std::nullopt;
  }
  for (const sluice_observe_run& run : view.runs) add(extents, run);
  return extents.tile(view.size);
}

}  // namespace sluice
