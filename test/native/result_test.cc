// SPDX-License-Identifier: Apache-2.0
// Results. Prints `N passed, N failed`.
#include "native/runtime/result.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

using namespace sluice;

namespace {

int passed = 0, failed = 0;

void check(bool good, const std::string& what) {
  (good ? passed : failed)++;
  if (!good) printf("FAILED: %s\n", what.c_str());
}

void test_results() {
  const Result<> done;
  check(bool(done), "a result without a value succeeds unless it is told otherwise");

  const Result<> refused = system_failure(EACCES, "open");
  check(!refused && refused.failure().kind == FailureKind::system_call, "a failure says of what kind it is");
  check(refused.failure().error == EACCES && refused.failure().call == std::string("open"),
        "a failure names the call and its error");

  const Result<bool> no = false;
  check(no && !*no, "a value that is false is no failure");

  Result<std::unique_ptr<int>> made = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = std::move(*made);
  check(*taken == 7, "a value that can only be moved can be taken out");

  const Result<std::optional<int>> none = std::nullopt;
  check(none && !*none, "a value that is nothing is no failure");
}

void test_caught() {
  check(bool(caught([] {})), "a call that returns nothing and does not throw succeeds");
  const Result<int> seven = caught([]() -> Result<int> { return 7; });
  check(seven && *seven == 7, "what a call returns comes through");
  const Result<int> changed = caught([]() -> Result<int> { return Failure{FailureKind::changed}; });
  check(!changed && changed.failure().kind == FailureKind::changed, "a call's own failure comes through");
  const Result<int> thrown = caught([]() -> Result<int> { throw std::bad_alloc(); });
  check(!thrown && thrown.failure().kind == FailureKind::limit && thrown.failure().error == ENOMEM,
        "memory that is not to be had is a limit");
}

}  // namespace

int main() {
  test_results();
  test_caught();
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
