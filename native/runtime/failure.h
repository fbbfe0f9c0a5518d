// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <type_traits>

namespace sluice {

// Why a job has no value. `kind` is the key by which lib/errors/errors.ts finds the code and the sentence.
struct Failure {
  std::string kind;  // empty: no failure
  int error = 0;     // errno, or 0
  std::string detail;

  explicit operator bool() const { return !kind.empty(); }
};

// The failure of a system call on the file that a caller named.
Failure system_failure(int error, const char* call);

// What the exception means that is being handled: memory, a thread or a descriptor that was not to be had, most likely.
Failure thrown_failure();

// Calls it, and turns what it throws into a failure: nobody catches an exception that leaves a thread of ours.
template <typename Call>
Failure caught(Call call) {
  try {
    if constexpr (std::is_void_v<decltype(call())>) {
      call();
      return {};
    } else {
      return call();
    }
  } catch (...) {
    return thrown_failure();
  }
}

}  // namespace sluice
