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

// What a task that does this ends with; no failure: it ran to its end.
template <typename Work>
Failure outcome_of(Work work) {
  std::promise<Failure> outcome;
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

void expect(const Failure& failure, const char* kind, int error, const char* what) {
  check(failure.kind == kind && failure.error == error, what);
}

}  // namespace

int main() {
  expect(outcome_of([] {}), "", 0, "a task that does not throw");
  expect(outcome_of([] { throw std::bad_alloc(); }), "limit", ENOMEM, "memory is short");
  expect(outcome_of([] { throw std::system_error(EAGAIN, std::generic_category(), "a thread"); }), "limit", EAGAIN,
         "the system refuses something");
  expect(outcome_of([] { throw std::runtime_error("odd"); }), "io", 0, "another exception");
  expect(outcome_of([] { throw 1; }), "io", 0, "what is no exception");
  expect(outcome_of([] {}), "", 0, "the thread goes on");
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
