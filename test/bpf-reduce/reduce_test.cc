// SPDX-License-Identifier: Apache-2.0
// Runs the BPF reductions on this machine's kernel against bit-at-a-time references: published values,
// every length of a block, random sequences, several algorithms at once, continued sums, and
// states left alone by runs that failed. Needs CAP_BPF and CAP_PERFMON.
// Usage: reduce_test OBJECT. Prints `N passed, N failed`; the exit status is 1 if any failed.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <random>
#include <vector>

#include "native/reduce/state.h"

namespace {

using sluice::Algorithm;
using Bytes = std::vector<uint8_t>;

struct Case {
  Algorithm algorithm;
  uint32_t mask;
  const char* name;
  uint64_t polynomial;  // reflected; 0: not a CRC
  int bits;
  uint64_t init;
  uint64_t check;  // of "123456789"
};

constexpr Case kCases[] = {
    {Algorithm::adler32, SLUICE_ADLER32, "adler32", 0, 32, 1, 0x091e01de},
    {Algorithm::crc32, SLUICE_CRC32, "crc32", 0xedb88320, 32, 0, 0xcbf43926},
    {Algorithm::crc32c, SLUICE_CRC32C, "crc32c", 0x82f63b78, 32, 0, 0xe3069283},
    {Algorithm::crc64nvme, SLUICE_CRC64NVME, "crc64nvme", 0x9a6c9329ac4bc9b5, 64, 0, 0xae8b14860a799888},
};

uint64_t reference(const Case& c, uint64_t value, const uint8_t* data, size_t length) {
  if (c.polynomial == 0) {
    uint32_t a = value & 0xffff, b = value >> 16;
    for (size_t i = 0; i < length; i++) {
      a = (a + data[i]) % 65521;
      b = (b + a) % 65521;
    }
    return uint64_t{b} << 16 | a;
  }
  const uint64_t all = ~uint64_t{0} >> (64 - c.bits);
  uint64_t crc = ~value & all;
  for (size_t i = 0; i < length; i++) {
    crc ^= data[i];
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ c.polynomial : crc >> 1;
  }
  return ~crc & all;
}

enum Way : uint32_t { kByScratch, kByAddress, kUnreadable };

struct Run {
  uint32_t slot, algorithms, offset, length, repetitions;
  Way way;
};

template <typename T>
T* map_values(bpf_object* object, const char* name, size_t count) {
  bpf_map* map = bpf_object__find_map_by_name(object, name);
  const size_t size = (sizeof(T) * count + 4095) & ~size_t{4095};
  void* values = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
  if (values == MAP_FAILED) {
    perror(name);
    exit(2);
  }
  return static_cast<T*>(values);
}

struct Machine {
  sluice_state* states;
  uint8_t* input;
  int program;

  // 0, or what the program or the kernel answers to a run that was refused.
  int run(Run run, const uint8_t* data) const {
    if (run.offset + run.length <= 2 * SLUICE_BLOCK) memcpy(input + run.offset, data, run.length);
    LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &run, .ctx_size_in = sizeof run);
    const int error = bpf_prog_test_run_opts(program, &options);
    return error ? error : static_cast<int>(options.retval);
  }
};

long passed = 0, failed = 0;

void expect(bool right, const char* what, const char* name, size_t detail) {
  (right ? passed : failed)++;
  if (!right && failed < 20) printf("FAILED %s: %s, %zu\n", what, name, detail);
}

void start(sluice_state& state, uint32_t algorithms) {
  uint64_t values[sluice::kAlgorithms] = {};
  for (const Case& c : kCases) values[static_cast<size_t>(c.algorithm)] = c.init;
  memset(&state, 0xa5, sizeof state);  // nothing may depend on what a slot held before
  sluice::start_state(state, SLUICE_BACKEND_BPF, algorithms, values);
}

void test_check_values(const Machine& m, uint32_t slot) {
  for (const Case& c : kCases) {
    for (Way way : {kByScratch, kByAddress}) {
      start(m.states[slot], c.mask);
      expect(finished_value(m.states[slot], c.algorithm) == c.init, "no bytes", c.name, 0);
      m.run({slot, c.mask, 0, 9, 1, way}, reinterpret_cast<const uint8_t*>("123456789"));
      expect(finished_value(m.states[slot], c.algorithm) == c.check, "check", c.name, slot);
      expect(m.states[slot].bytes == 9, "bytes", c.name, m.states[slot].bytes);
    }
  }
}

// NVM Command Set Specification 1.0a, section 5.2.1.3.5: 4096 bytes of crc64nvme each, which begin with a byte and go
// on in steps.
void test_published_blocks(const Machine& m) {
  struct Block {
    uint8_t first, step;
    uint64_t value;
  };
  constexpr Block kBlocks[] = {{0x00, 0, 0x6482d367eb22b64e},
                               {0xff, 0, 0xc0ddba7302eca3ac},
                               {0x00, 1, 0x3e729f5f6750449c},
                               {0xff, 0xff, 0x9a2df64b8e9e517e}};
  for (const Block& block : kBlocks) {
    Bytes data(4096);
    for (size_t i = 0; i < data.size(); i++) data[i] = static_cast<uint8_t>(block.first + i * block.step);
    for (Way way : {kByScratch, kByAddress}) {
      start(m.states[0], SLUICE_CRC64NVME);
      m.run({0, SLUICE_CRC64NVME, 0, 4096, 1, way}, data.data());
      const uint64_t value = finished_value(m.states[0], Algorithm::crc64nvme);
      expect(value == block.value, "published block", "crc64nvme", block.step);
    }
  }
}

void test_every_length(const Machine& m, std::mt19937& random) {
  Bytes data(SLUICE_BLOCK);
  for (const Case& c : kCases) {
    for (int kind = 0; kind < 3; kind++) {
      for (uint32_t length = 1; length <= SLUICE_BLOCK; length++) {
        for (uint8_t& byte : data) byte = kind == 0 ? random() : kind == 1 ? 0xff : 0;
        const uint64_t want = reference(c, c.init, data.data(), length);
        for (Way way : {kByScratch, kByAddress}) {
          start(m.states[0], c.mask);
          m.run({0, c.mask, 0, length, 1, way}, data.data());
          expect(finished_value(m.states[0], c.algorithm) == want, "length", c.name, length);
        }
      }
    }
  }
}

// Sequences of blocks at any address, all algorithms of a random set at once, begun from the
// values of a random prefix that BPF never saw.
void test_sequences(const Machine& m, std::mt19937& random, uint32_t all) {
  constexpr uint32_t kLongest[] = {16, 300, SLUICE_BLOCK};
  for (int t = 0; t < 300; t++) {
    const uint32_t slot = random() % 4;
    uint32_t set = random() & all;
    if (t % 3 == 0) set = 1u << random() % std::size(kCases);
    if (set == 0) set = all;
    sluice_state& state = m.states[slot];
    start(state, all);
    uint64_t want[sluice::kAlgorithms];
    Bytes prefix(random() % 100);
    for (uint8_t& byte : prefix) byte = random();
    for (const Case& c : kCases) {
      want[static_cast<size_t>(c.algorithm)] = reference(c, c.init, prefix.data(), prefix.size());
    }
    sluice::start_state(state, SLUICE_BACKEND_BPF, set, want);
    uint64_t bytes = 0;
    Bytes data(SLUICE_BLOCK);
    for (int k = 0; k < 400; k++) {
      uint32_t length = 1 + random() % kLongest[t / 3 % 3];
      if (random() % 3 == 0) length = (length + 63) / 64 * 64;
      const uint32_t offset = random() % 2 ? 0 : random() % (SLUICE_BLOCK + 1);
      for (uint32_t i = 0; i < length; i++) data[i] = t & 1 ? random() : 0xff;
      const Way way = random() % 2 ? kByAddress : kByScratch;
      expect(m.run({slot, set, offset, length, 1, way}, data.data()) == 0, "run", "sequence", t);
      bytes += length;
      for (const Case& c : kCases) {
        uint64_t& value = want[static_cast<size_t>(c.algorithm)];
        if (c.mask & set) value = reference(c, value, data.data(), length);
      }
    }
    expect(state.bytes == bytes, "bytes", "sequence", t);
    for (const Case& c : kCases) {
      const uint64_t value = c.mask & set ? want[static_cast<size_t>(c.algorithm)] : c.init;
      expect(finished_value(state, c.algorithm) == value, "sequence", c.name, t);
    }
  }
}

// Many blocks in one run, so that rings wrap inside it.
void test_long_run(const Machine& m, std::mt19937& random, uint32_t all) {
  for (uint32_t length : {4096u, 4095u, 1000u, 1u}) {
    Bytes data(length);
    for (uint8_t& byte : data) byte = random();
    uint64_t want[sluice::kAlgorithms];
    for (const Case& c : kCases) {
      uint64_t& value = want[static_cast<size_t>(c.algorithm)] = c.init;
      for (int i = 0; i < 777; i++) value = reference(c, value, data.data(), length);
    }
    start(m.states[1], all);
    expect(m.run({1, all, 0, length, 777, kByAddress}, data.data()) == 0, "run", "long", length);
    for (const Case& c : kCases) {
      const uint64_t value = want[static_cast<size_t>(c.algorithm)];
      expect(finished_value(m.states[1], c.algorithm) == value, "long run", c.name, length);
      start(m.states[2], c.mask);
      m.run({2, c.mask, 0, length, 777, kByAddress}, data.data());
      expect(finished_value(m.states[2], c.algorithm) == value, "alone", c.name, length);
    }
  }
}

void test_refused(const Machine& m, uint32_t all) {
  Bytes data(SLUICE_BLOCK, 1);
  start(m.states[2], all);
  const sluice_state before = m.states[2];
  Bytes sets(1, all);
  for (const Case& c : kCases) sets.push_back(c.mask);
  for (uint32_t set : sets) {
    for (Way way : {kByScratch, kByAddress}) {
      expect(m.run({2, set, 0, SLUICE_BLOCK + 1, 1, way}, data.data()), "too long", "run", set);
      expect(m.run({2, set, 0, 0, 1, way}, data.data()), "empty", "run", set);
      expect(m.run({SLUICE_SLOTS, set, 0, 1, 1, way}, data.data()), "no such slot", "run", set);
    }
    for (uint32_t length : {1u, 64u, unsigned{SLUICE_BLOCK}}) {
      expect(m.run({2, set, 0, length, 1, kUnreadable}, data.data()), "unreadable", "run", set);
    }
  }
  expect(memcmp(&before, &m.states[2], sizeof before) == 0, "state kept", "run", 0);
}

// A sum goes from one backend to the other and back at any point; the programs take up only what is theirs.
void test_handed_over(const Machine& m, std::mt19937& random, uint32_t all) {
  sluice_state& state = m.states[3];
  start(state, all);
  uint64_t values[sluice::kAlgorithms], want[sluice::kAlgorithms];
  for (const Case& c : kCases) want[static_cast<size_t>(c.algorithm)] = c.init;
  for (uint32_t length : {1u, 4000u, 64u, 4096u, 9u}) {
    Bytes data(length);
    for (uint8_t& byte : data) byte = random();
    expect(m.run({3, all, 0, length, 1, kByAddress}, data.data()) == 0, "run", "handed over", length);
    for (const Case& c : kCases) {
      const auto index = static_cast<size_t>(c.algorithm);
      want[index] = reference(c, want[index], data.data(), length);
      values[index] = finished_value(state, c.algorithm);
    }
    sluice::start_state(state, SLUICE_BACKEND_USERSPACE, all, values);
    expect(m.run({3, all, 0, length, 1, kByAddress}, data.data()), "refused", "handed over", length);
    for (const Case& c : kCases) {
      const auto index = static_cast<size_t>(c.algorithm);
      values[index] = finished_value(state, c.algorithm);
      expect(values[index] == want[index], "handed over", c.name, length);
    }
    sluice::start_state(state, SLUICE_BACKEND_BPF, all, values);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: reduce_test OBJECT\n");
    return 2;
  }
  bpf_object* object = bpf_object__open_file(argv[1], nullptr);
  if (!object || bpf_object__load(object)) {
    fprintf(stderr, "reduce_test: cannot load %s: the verifier's report is above\n", argv[1]);
    return 2;
  }
  const Machine m{map_values<sluice_state>(object, "states", SLUICE_SLOTS),
                  map_values<uint8_t>(object, "input", 2 * SLUICE_BLOCK),
                  bpf_program__fd(bpf_object__find_program_by_name(object, "reduce_input_run"))};
  uint32_t all = 0;
  for (const Case& c : kCases) all |= c.mask;
  std::mt19937 random(20240611);
  test_check_values(m, 0);
  test_check_values(m, SLUICE_SLOTS - 1);
  test_published_blocks(m);
  test_every_length(m, random);
  test_sequences(m, random, all);
  test_long_run(m, random, all);
  test_refused(m, all);
  test_handed_over(m, random, all);
  printf("%ld passed, %ld failed\n", passed, failed);
  bpf_object__close(object);
  return failed ? 1 : 0;
}
