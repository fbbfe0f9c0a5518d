// SPDX-License-Identifier: Apache-2.0
// GB/s in memory (1 GB = 10^9 bytes): every algorithm at every SIMD level, beside the libraries
// that were found. Rounds are interleaved, so that a slow moment of the machine meets all; the
// median of the rounds is printed. An argument names the only algorithm to measure.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "libraries.h"
#include "native/reduce/reduction.h"

namespace {

using Update = uint64_t (*)(uint64_t, const uint8_t*, size_t);

constexpr size_t kSizes[] = {64, 1000, 4096, 65536, 262144};
constexpr size_t kBytesPerRound = size_t{8} << 20;
constexpr int kRounds = 41;

struct Candidate {
  std::string name;
  Update update;
  std::vector<double> rounds[std::size(kSizes)];
};

// A checksum feeds the next one, so that none is left out or overlaps its neighbour.
double gigabytes_per_second(Update update, const uint8_t* data, size_t size) {
  const size_t calls = kBytesPerRound / size;
  uint64_t value = update(0, data, size);  // brings the bytes into the cache
  const auto start = std::chrono::steady_clock::now();
  for (size_t call = 0; call < calls; ++call) value = update(value, data, size);
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
  volatile uint64_t kept = value;
  (void)kept;
  return static_cast<double>(calls * size) / taken.count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + kRounds / 2, values.end());
  return values[kRounds / 2];
}

void measure(sluice::Algorithm algorithm, const uint8_t* data) {
  std::vector<Candidate> candidates;
  for (std::string_view level : sluice::simd_levels()) {
    sluice::force_simd_level(level);
    candidates.push_back({std::string(level), sluice::reduction(algorithm).update, {}});
  }
  for (const Library& library : libraries()) {
    if (library.algorithm == algorithm) candidates.push_back({library.name, library.update, {}});
  }
  for (int round = 0; round < kRounds; ++round) {
    for (size_t size = 0; size < std::size(kSizes); ++size) {
      for (Candidate& candidate : candidates) {
        candidate.rounds[size].push_back(gigabytes_per_second(candidate.update, data, kSizes[size]));
      }
    }
  }
  for (const Candidate& candidate : candidates) {
    printf("%-10s %-10s", std::string(sluice::reduction(algorithm).name).c_str(), candidate.name.c_str());
    for (const auto& rounds : candidate.rounds) printf(" %8.2f", median(rounds));
    printf("\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<uint8_t> memory(kSizes[std::size(kSizes) - 1] + 4096);
  std::mt19937_64 random(1);
  std::generate(memory.begin(), memory.end(), [&] { return static_cast<uint8_t>(random()); });
  // A page's start, as data from files has.
  const auto address = reinterpret_cast<uintptr_t>(memory.data());
  const uint8_t* data = memory.data() + (4096 - address % 4096) % 4096;

  printf("%-10s %-10s", "GB/s", "bytes:");
  for (size_t size : kSizes) printf(" %8zu", size);
  printf("\n");
  for (size_t i = 0; i < sluice::kAlgorithms; ++i) {
    const auto algorithm = static_cast<sluice::Algorithm>(i);
    if (argc > 1 && sluice::reduction(algorithm).name != argv[1]) continue;
    measure(algorithm, data);
  }
}
