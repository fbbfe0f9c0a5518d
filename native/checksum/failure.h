// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace sluice {

// Why a job has no value. `kind` is the key by which lib/errors.ts finds the code and the sentence.
struct Failure {
  std::string kind;  // empty: no failure
  int error = 0;     // errno, or 0
  std::string detail;

  explicit operator bool() const { return !kind.empty(); }
};

// The failure of a system call on the file that a caller named.
Failure system_failure(int error, const char* call);

}  // namespace sluice
