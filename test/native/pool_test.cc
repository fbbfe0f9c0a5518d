// SPDX-License-Identifier: Apache-2.0
// The pool with tasks that throw, which those of the addon do only where memory is short. Prints `N passed, N failed`.
#include <cerrno>
#include <cstdio>
#include <future>
#include <new>
#include <stdexcept>
#include <system_error>

#include "native/runtime/worker_pool.h"

using namespace sluice;

namespace {

int passed = 0, failed = 0;

void check(bool good, const char* what) {
  (good ? passed : failed)++;
  if (!good) printf("FAILED: %s\n", what);
}

// What a task that does this ends with.
template <typename Work>
Result<> outcome_of(Work work) {
  std::promise<Result<>> outcome;
  const bool posted = WorkerPool::background().post({.run =
                                                         [&](Worker&) {
                                                           work();
                                                           outcome.set_value({});
                                                         },
                                                     .failed = [&](Failure why) { outcome.set_value(std::move(why)); }},
                                                    1);
  check(posted, "a thread is to be had");
  return outcome.get_future().get();
}

void expect(const Result<>& outcome, FailureKind kind, int error, const char* what) {
  check(!outcome && outcome.failure().kind == kind && outcome.failure().error == error, what);
}

}  // namespace

int main() {
  check(bool(outcome_of([] {})), "a task that does not throw");
  expect(outcome_of([] { throw std::bad_alloc(); }), FailureKind::limit, ENOMEM, "memory is short");
  expect(outcome_of([] { throw std::system_error(EAGAIN, std::generic_category(), "a thread"); }), FailureKind::limit,
         EAGAIN, "the system refuses something");
  expect(outcome_of([] { throw std::runtime_error("odd"); }), FailureKind::io, 0, "another exception");
  expect(outcome_of([] { throw 1; }), FailureKind::io, 0, "what is no exception");
  check(bool(outcome_of([] {})), "the thread goes on");
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
