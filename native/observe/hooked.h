// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "native/observe/extents.h"
#include "native/observe/noted.h"

namespace sluice {

// Combines what the programs have summed themselves: the method `hook`.
class Hooked : public Noted {
 public:
  Hooked(const ObservePrograms& programs, uint32_t algorithms) : programs_(programs), algorithms_(algorithms) {}

  Origin origin() const override { return Origin::hook; }
  void take(const ObserveNote& note) override;
  std::optional<Values> values(int fd, const ObserveView& view) override;
  void forget(uint64_t number) override { files_.erase(number); }

 private:
  struct File {
    Extents extents;
    uint32_t runs = 0;  // as many came, one after the other
    bool lost = false;
  };

  const ObservePrograms& programs_;
  const uint32_t algorithms_;
  std::unordered_map<uint64_t, File> files_;  // by the number of their entry
};

}  // namespace sluice
