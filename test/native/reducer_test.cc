// SPDX-License-Identifier: Apache-2.0
// The table of backends and the reducer, in a process that has loaded no tap: there `bpf` refuses whatever it is given.
// Prints `N passed, N failed`.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "native/engine/outcome.h"
#include "native/reduce/state.h"

using namespace sluice;

namespace {

constexpr uint32_t kEvery = SLUICE_ADLER32 | SLUICE_CRC32 | SLUICE_CRC32C | SLUICE_CRC64NVME;
constexpr char kNotLoaded[] = "the pipe tap is not loaded";

int passed = 0, failed = 0;

void check(bool good, const std::string& what) {
  (good ? passed : failed)++;
  if (!good) printf("FAILED: %s\n", what.c_str());
}

std::vector<uint8_t> some_bytes(size_t length) {
  std::vector<uint8_t> bytes(length);
  for (size_t i = 0; i < length; ++i) bytes[i] = static_cast<uint8_t>(i * i + i / 251);
  return bytes;
}

const std::vector<uint8_t> kBytes = some_bytes(100'003);

Values expected(const uint8_t* data, size_t length) {
  Values values = initial_values();
  for (const Reduction& each : reductions()) {
    uint64_t& value = values[static_cast<size_t>(each.algorithm)];
    value = each.update(value, data, length);
  }
  return values;
}

UniqueFd file_of(const std::vector<uint8_t>& bytes) {
  UniqueFd file(memfd_create("reducer", MFD_CLOEXEC));
  if (write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) perror("write");
  return file;
}

Reducer reducer_of(const char* backend, bool fallback) {
  return {kEvery, {backend_of(backend), 0, fallback}, UINT64_MAX};
}

void test_table() {
  for (const Backend& each : backends()) {
    check(backend_of(each.name) == &each, "a backend is found by its name");
  }
  for (const char* name : {"kernel", "BPF", "bp", ""}) {
    check(backend_of(name) == nullptr, std::string("there is no backend named '") + name + "'");
  }
  check(backends().back().memory != nullptr, "the last backend takes bytes in memory");
}

void test_ranges() {
  const UniqueFd file = file_of(kBytes);
  for (const char* name : {"bpf", "userspace"}) {
    Worker worker(Worker::kNoSlot);
    Reducer reducer = reducer_of(name, true);
    Range range{.fd = file.get(), .offset = 0, .end = kBytes.size()};
    check(bool(reducer.range(worker, range)) && range.offset == range.end, "a range is reduced to its end");
    check(reducer.values() == expected(kBytes.data(), kBytes.size()), "where a backend refuses the next one reduces");
    check(reducer.backend().name == "userspace", "the backend is the one that reduced");
    check(reducer.reason() == (std::string(name) == "bpf" ? kNotLoaded : ""), "a reducer says why a backend was left");
  }
  Worker worker(Worker::kNoSlot);
  Reducer insisting = reducer_of("bpf", false);
  Range range{.fd = file.get(), .offset = 0, .end = kBytes.size()};
  const Result<> reduced = insisting.range(worker, range);
  check(!reduced && reduced.failure().kind == FailureKind::kernel_stopped && reduced.failure().detail == kNotLoaded,
        "a backend that is insisted on and refuses is a failure");
  check(range.offset == 0, "nothing of a range is passed over that was refused");
}

void test_pipes() {
  for (const char* name : {"bpf", "userspace"}) {
    Worker worker(Worker::kNoSlot);
    Reducer reducer = reducer_of(name, true);
    const Pipe pipe;
    uint8_t kept[1000] = {};
    pipe.put(kBytes.data(), sizeof(kept));
    const Result<Reducer::Measured> measured = reducer.pipe(worker, pipe, sizeof(kept));
    check(measured && measured->bytes == sizeof(kept), "all of a pipe is reduced");
    check(reducer.values() == expected(kBytes.data(), sizeof(kept)), "the bytes of a pipe are reduced once");
    check(pipe.take(kept, sizeof(kept)) == static_cast<ssize_t>(sizeof(kept)), "a pipe keeps what was reduced");
    pipe.put(kBytes.data() + sizeof(kept), sizeof(kept));
    check(bool(reducer.pipe(worker, pipe, sizeof(kept))), "a pipe is reduced again");
    check(reducer.values() == expected(kBytes.data(), 2 * sizeof(kept)), "the worker's own pipe is left empty");
  }
}

void test_memory() {
  Reducer reducer = reducer_of("bpf", true);
  check(!reducer.takes_memory() && !reducer.insists(), "a backend in the kernel takes no bytes in memory");
  check(bool(reducer.only_memory("a reason")) && reducer.takes_memory(), "one that takes them goes on");
  check(reducer.reason() == "a reason" && reducer.left_after() == 0, "it is said why, and from which byte on");
  reducer.memory(kBytes.data(), kBytes.size());
  check(reducer.values() == expected(kBytes.data(), kBytes.size()), "bytes in memory are reduced");
  check(bool(reducer.only_memory("another")) && reducer.reason() == "a reason", "what takes them already is not left");

  Reducer insisting = reducer_of("bpf", false);
  check(insisting.insists() && !insisting.only_memory("a reason"), "one that is insisted on fails on bytes in memory");
  check(!reducer_of("userspace", false).insists(), "user space is content with bytes in memory");
}

void test_choice() {
  const BackendChoice choice{backend_of("bpf"), 1000, true};
  check(Reducer(kEvery, choice, 999).backend().name == "userspace", "with too few bytes user space begins");
  check(Reducer(kEvery, choice, 1000).backend().name == "bpf", "with enough bytes the backend of the choice begins");
}

void test_outcome() {
  // The first part is user space's. The backends of the others, one of which is empty, refuse.
  constexpr size_t kEnds[] = {10'000, 10'000, 60'000, 100'003};
  const UniqueFd file = file_of(kBytes);
  Worker worker(Worker::kNoSlot);
  Outcome outcome;
  size_t begin = 0;
  for (const size_t end : kEnds) {
    Reducer part = reducer_of(begin == 0 ? "userspace" : "bpf", true);
    Range range{.fd = file.get(), .offset = begin, .end = end};
    check(bool(part.range(worker, range)), "a part is reduced");
    outcome.add(part, begin);
    begin = end;
  }
  check(outcome.bytes == kBytes.size(), "an outcome counts the bytes of all parts");
  check(*outcome.values == expected(kBytes.data(), kBytes.size()), "parts are combined to the values of the whole");
  check(outcome.backend->name == "userspace", "of several backends it is the last in the order of fallback");
  check(outcome.fallback_reason == kNotLoaded && outcome.fallback_offset == 10'000,
        "the first part whose backend was left says why and where");
}

}  // namespace

int main() {
  test_table();
  test_ranges();
  test_pipes();
  test_memory();
  test_choice();
  test_outcome();
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
