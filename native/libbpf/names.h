// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace sluice {

// libbpf knows the name of every number of an enumeration, but not the number of a name.
template <typename Enumeration>
int number_of(const char* (*name_of)(Enumeration), const std::string& name) {
  for (int number = 0; number < 256; ++number) {
    const char* candidate = name_of(static_cast<Enumeration>(number));
    if (candidate && name == candidate) return number;
  }
  return -1;
}

// A newer kernel may know more of them than libbpf.
inline std::string name_or_number(const char* name, unsigned number) { return name ? name : std::to_string(number); }

}  // namespace sluice
