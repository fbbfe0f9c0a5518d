// SPDX-License-Identifier: Apache-2.0
// Counts what passed, prints what failed.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

class Checks {
 public:
  void equal(uint64_t actual, uint64_t expected, const std::string& what) {
    if (actual == expected) {
      ++passed_;
      return;
    }
    ++failed_;
    if (failed_ <= 20) {
      fprintf(stderr, "FAILED %s: %#llx, expected %#llx\n", what.c_str(), static_cast<unsigned long long>(actual),
              static_cast<unsigned long long>(expected));
    }
  }
  void yes(bool condition, const std::string& what) { equal(condition, true, what); }

  // Prints the counts; the program's exit status.
  int finish() const {
    printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(passed_),
           static_cast<unsigned long long>(failed_));
    return failed_ == 0 && passed_ != 0 ? 0 : 1;
  }

 private:
  uint64_t passed_ = 0;
  uint64_t failed_ = 0;
};
