// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "native/engine/sums.h"
#include "native/observe/programs.h"
#include "native/observe/report.h"

namespace sluice {

// Makes values of what the programs noted of files while they were written.
class Noted {
 public:
  virtual ~Noted() = default;

  virtual Origin origin() const = 0;
  // A range, or a run that had to make room.
  virtual void take(const ObserveNote& note) = 0;
  // The values of an open file of which the programs have just told this, if all of it was seen.
  virtual std::optional<Values> values(int fd, const ObserveView& view) = 0;
  // The file will not be asked for again.
  virtual void forget(uint64_t number) = 0;
};

}  // namespace sluice
