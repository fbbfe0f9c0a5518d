// SPDX-License-Identifier: Apache-2.0
#include "native/reduce/reduction.h"

#include <array>
#include <atomic>
#include <iterator>

#include "native/reduce/combine.h"
#include "native/reduce/levels.h"

#if defined(__AARCH64EL__)
#include <sys/auxv.h>
#endif

namespace sluice {
namespace {

using Update = uint64_t (*)(uint64_t, const uint8_t*, size_t);

struct Level {
  std::string_view name;
  bool (*runs_here)();
  Reduction reductions[kAlgorithms];

  constexpr Level(std::string_view name, bool (*runs_here)(), Update adler32, Update crc32, Update crc32c,
                  Update crc64nvme)
      : name(name),
        runs_here(runs_here),
        reductions{
            {Algorithm::adler32, "adler32", 32, 1, adler32, adler32_combine},
            {Algorithm::crc32, "crc32", 32, 0, crc32, crc32_combine},
            {Algorithm::crc32c, "crc32c", 32, 0, crc32c, crc32c_combine},
            {Algorithm::crc64nvme, "crc64nvme", 64, 0, crc64nvme, crc64nvme_combine},
        } {}
};

#if defined(__x86_64__)

bool has_sse4() { return __builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("pclmul") != 0; }
bool has_avx2() { return has_sse4() && __builtin_cpu_supports("avx2") != 0; }
bool has_avx2_and_vpclmulqdq() { return has_avx2() && __builtin_cpu_supports("vpclmulqdq") != 0; }
bool has_avx512() {
  return has_avx2_and_vpclmulqdq() && __builtin_cpu_supports("avx512f") != 0 &&
         __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
         __builtin_cpu_supports("avx512vnni") != 0;
}

#elif defined(__AARCH64EL__)

bool has_pmull_and_crc() {
  constexpr unsigned long kNeeded = HWCAP_PMULL | HWCAP_CRC32;
  return (getauxval(AT_HWCAP) & kNeeded) == kNeeded;
}

#endif

// Fastest first. A name may stand twice, for CPUs that have part of what it needs.
constexpr Level kLevels[] = {
#if defined(__x86_64__)
    {"avx512", has_avx512, avx512::adler32, avx512::crc32, avx512::crc32c, avx512::crc64nvme},
    {"avx2", has_avx2_and_vpclmulqdq, avx2::adler32, avx2::crc32, avx2::crc32c, avx2::crc64nvme},
    {"avx2", has_avx2, avx2::adler32, sse4::crc32, sse4::crc32c, sse4::crc64nvme},
    {"sse4", has_sse4, sse4::adler32, sse4::crc32, sse4::crc32c, sse4::crc64nvme},
#elif defined(__AARCH64EL__)
    {"neon", has_pmull_and_crc, neon::adler32, neon::crc32, neon::crc32c, neon::crc64nvme},
#endif
    {"portable", [] { return true; }, portable::adler32, portable::crc32, portable::crc32c, portable::crc64nvme},
};

struct RunnableLevels {
  std::array<std::string_view, std::size(kLevels)> names;
  size_t count = 0;

  RunnableLevels() {
    for (const Level& level : kLevels) {
      if (!level.runs_here()) continue;
      if (count == 0 || names[count - 1] != level.name) names[count++] = level.name;
    }
  }
};

// Null until first asked. Threads that ask at the same time find the same.
std::atomic<const Level*> current_level{nullptr};

const Level& current() {
  const Level* level = current_level.load(std::memory_order_acquire);
  if (level == nullptr) {
    level = kLevels;
    while (!level->runs_here()) ++level;
    current_level.store(level, std::memory_order_release);
  }
  return *level;
}

}  // namespace

const Reduction& reduction(Algorithm algorithm) { return current().reductions[static_cast<size_t>(algorithm)]; }

std::span<const Reduction> reductions() { return current().reductions; }

std::string_view simd_level() { return current().name; }

std::span<const std::string_view> simd_levels() {
  static const RunnableLevels levels;
  return {levels.names.data(), levels.count};
}

bool force_simd_level(std::string_view name) {
  for (const Level& level : kLevels) {
    if (level.name == name && level.runs_here()) {
      current_level.store(&level, std::memory_order_release);
      return true;
    }
  }
  return false;
}

}  // namespace sluice
