// SPDX-License-Identifier: Apache-2.0
// The user-space reductions at every SIMD level, against the references and the libraries that
// were found when this was built. Prints "N passed, N failed".
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "check.h"
#include "derivation_test.h"
#include "guarded_buffer.h"
#include "libraries.h"
#include "native/reduce/reduction.h"
#include "reference.h"

namespace {

using sluice::Reduction;

struct Polynomial {
  unsigned bits;
  uint64_t normal;
};

constexpr Polynomial kPolynomials[] = {{}, {32, 0x04c11db7}, {32, 0x1edc6f41}, {64, 0xad93d23594c93659}};

constexpr uint64_t kCheckValues[] = {0x091e01de, 0xcbf43926, 0xe3069283, 0xae8b14860a799888};

uint64_t expected(const Reduction& reduction, uint64_t value, const uint8_t* data, size_t length) {
  if (reduction.algorithm == sluice::Algorithm::adler32) {
    return reference::adler32(value, data, length);
  }
  const Polynomial& polynomial = kPolynomials[static_cast<size_t>(reduction.algorithm)];
  return reference::crc(polynomial.bits, polynomial.normal, value, data, length);
}

std::string label(const Reduction& reduction, const char* what, size_t number = 0) {
  return std::string(sluice::simd_level()) + " " + std::string(reduction.name) + ", " + what + " " +
         std::to_string(number);
}

void fill_randomly(uint8_t* begin, uint8_t* end, std::mt19937_64& random) {
  std::generate(begin, end, [&] { return static_cast<uint8_t>(random()); });
}

void test_published_values(Checks& checks) {
  const auto* digits = reinterpret_cast<const uint8_t*>("123456789");
  for (const Reduction& reduction : sluice::reductions()) {
    size_t index = static_cast<size_t>(reduction.algorithm);
    checks.equal(reduction.update(reduction.init, digits, 9), kCheckValues[index], label(reduction, "check value"));
    checks.equal(reduction.update(reduction.init, nullptr, 0), reduction.init, label(reduction, "no bytes"));
    checks.equal(reduction.update(kCheckValues[index], digits, 0), kCheckValues[index],
                 label(reduction, "no more bytes"));
  }
}

// NVM Command Set Specification 1.0a, section 5.2.1.3.5: 4096 bytes each.
void test_published_blocks(Checks& checks) {
  struct Block {
    const char* what;
    uint8_t first, step;
    uint64_t value;
  };
  constexpr Block kBlocks[] = {{"zeros", 0x00, 0, 0x6482d367eb22b64e},
                               {"ones", 0xff, 0, 0xc0ddba7302eca3ac},
                               {"bytes that rise", 0x00, 1, 0x3e729f5f6750449c},
                               {"bytes that fall", 0xff, 0xff, 0x9a2df64b8e9e517e}};
  const Reduction& reduction = sluice::reduction(sluice::Algorithm::crc64nvme);
  for (const Block& block : kBlocks) {
    std::vector<uint8_t> bytes(4096);
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(block.first + i * block.step);
    checks.equal(reduction.update(reduction.init, bytes.data(), bytes.size()), block.value,
                 label(reduction, block.what, bytes.size()));
  }
}

// Every length at every alignment, the last byte right before a page that can't be read, and the
// first right behind one.
void test_lengths_and_alignments(Checks& checks, std::mt19937_64& random) {
  constexpr size_t kLongest = 1024;
  constexpr size_t kAlignments = 64;
  GuardedBuffer buffer(kLongest + kAlignments);
  fill_randomly(buffer.begin(), buffer.end(), random);
  for (const Reduction& reduction : sluice::reductions()) {
    for (size_t alignment = 0; alignment < kAlignments; ++alignment) {
      uint64_t start = reduction.init;
      if (alignment % 2 != 0) start = reduction.update(start, buffer.begin(), 1 + alignment);
      const uint8_t* first = buffer.begin() + alignment;
      const uint8_t* last = buffer.end() - alignment;
      uint64_t value = start;
      for (size_t length = 0; length <= kLongest; ++length) {
        checks.equal(reduction.update(start, first, length), value,
                     label(reduction, "length from the first byte", length));
        value = expected(reduction, value, first + length, 1);
      }
      for (size_t length = 0; length <= kLongest; length += 1 + length / 64) {
        checks.equal(reduction.update(start, last - length, length), expected(reduction, start, last - length, length),
                     label(reduction, "length to the last byte", length));
      }
    }
  }
}

// Bytes and states that drive every sum to its largest and smallest.
void test_extreme_bytes(Checks& checks) {
  constexpr size_t kSize = (size_t{5} << 20) + 77;
  std::vector<uint8_t> bytes(kSize);
  for (uint8_t byte : {0x00, 0xff}) {
    std::fill(bytes.begin(), bytes.end(), byte);
    for (const Reduction& reduction : sluice::reductions()) {
      const uint64_t largest = reduction.algorithm == sluice::Algorithm::adler32 ? 0xfff0fff0
                               : reduction.bits == 32                            ? 0xffffffff
                                                                                 : ~uint64_t{0};
      for (uint64_t start : {reduction.init, uint64_t{0}, largest}) {
        checks.equal(reduction.update(start, bytes.data(), kSize), expected(reduction, start, bytes.data(), kSize),
                     label(reduction, "all bytes", byte));
      }
    }
  }
}

// Pieces of random lengths: updated one after the other, and summed apart and combined in the order
// of a random tree.
void test_splits_and_trees(Checks& checks, std::mt19937_64& random) {
  struct Piece {
    uint64_t value;
    uint64_t length;
  };
  constexpr size_t kSize = 1 << 20;
  GuardedBuffer buffer(kSize);
  fill_randomly(buffer.begin(), buffer.end(), random);
  for (const Reduction& reduction : sluice::reductions()) {
    for (int round = 0; round < 40; ++round) {
      size_t size = kSize >> (round % 20);
      const uint8_t* data = buffer.end() - size;
      uint64_t whole = expected(reduction, reduction.init, data, size);
      uint64_t resumed = reduction.init;
      std::vector<Piece> pieces;
      for (size_t at = 0; at < size;) {
        size_t length = std::min<size_t>(random() % (size_t{1} << (random() % 18)), size - at);
        resumed = reduction.update(resumed, data + at, length);
        pieces.push_back({reduction.update(reduction.init, data + at, length), length});
        at += length;
      }
      checks.equal(resumed, whole, label(reduction, "random splits", size));
      while (pieces.size() > 1) {
        size_t at = random() % (pieces.size() - 1);
        Piece& left = pieces[at];
        const Piece& right = pieces[at + 1];
        left = {reduction.combine(left.value, right.value, right.length), left.length + right.length};
        pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(at) + 1);
      }
      checks.equal(pieces[0].value, whole, label(reduction, "random tree", size));
    }
  }
}

// Lengths that no buffer has: zeros are combined by doubling, then compared with one step.
void test_combine_of_huge_lengths(Checks& checks, std::mt19937_64& random) {
  const uint8_t zero = 0;
  for (const Reduction& reduction : sluice::reductions()) {
    for (int round = 0; round < 64; ++round) {
      uint64_t length = round == 0 ? ~uint64_t{0} : random() >> (round - 1);
      uint64_t zeros = reduction.init;
      for (int bit = 63; bit >= 0; --bit) {
        zeros = reduction.combine(zeros, zeros, length >> bit >> 1);
        if ((length >> bit) & 1) zeros = reduction.update(zeros, &zero, 1);
      }
      uint64_t some = reduction.update(reduction.init, reinterpret_cast<const uint8_t*>("sluice"), 6);
      uint64_t one_step = reduction.combine(some, zeros, length);
      uint64_t halfway = length / 3;
      uint64_t steps = reduction.combine(some, reduction.init, 0);
      for (uint64_t step : {halfway, halfway, length - 2 * halfway}) {
        uint64_t part = reduction.init;
        for (int bit = 63; bit >= 0; --bit) {
          part = reduction.combine(part, part, step >> bit >> 1);
          if ((step >> bit) & 1) part = reduction.update(part, &zero, 1);
        }
        steps = reduction.combine(steps, part, step);
      }
      checks.equal(steps, one_step, label(reduction, "combine of a huge length", length));
    }
    checks.equal(reduction.combine(0x12345678, reduction.init, 0), 0x12345678,
                 label(reduction, "combine with no bytes"));
  }
}

void test_against_libraries(Checks& checks, std::mt19937_64& random) {
  constexpr size_t kSize = size_t{3} << 20;
  GuardedBuffer buffer(kSize);
  fill_randomly(buffer.begin(), buffer.end(), random);
  for (const Library& library : libraries()) {
    const Reduction& reduction = sluice::reduction(library.algorithm);
    for (int round = 0; round < 300; ++round) {
      size_t length = random() % (kSize >> (round % 20));
      const uint8_t* data = buffer.begin() + random() % (kSize - length);
      checks.equal(reduction.update(reduction.init, data, length), library.update(reduction.init, data, length),
                   label(reduction, library.name, length));
    }
  }
}

#if defined(__x86_64__)
// Compared with nothing but the references, a mistake that they share goes unseen. Of crc64nvme the common libraries
// know nothing; its published blocks stand for one, and test/checksum/values.test.ts has another implementation.
void test_that_libraries_were_found(Checks& checks) {
  for (const Reduction& reduction : sluice::reductions()) {
    if (reduction.algorithm == sluice::Algorithm::crc64nvme) continue;
    const auto others = libraries();
    const bool found = std::any_of(others.begin(), others.end(),
                                   [&](const Library& library) { return library.algorithm == reduction.algorithm; });
    checks.yes(found,
               "a library with " + std::string(reduction.name) +
                   ": install zlib1g-dev, libdeflate-dev and libisal-dev, remove the build folder, and build again");
  }
}
#endif

void test_levels(Checks& checks) {
  auto levels = sluice::simd_levels();
  checks.yes(!levels.empty() && levels.back() == "portable", "the last level is portable");
  checks.yes(sluice::simd_level() == levels.front(), "the first level is used when none is forced");
  for (std::string_view level : levels) {
    checks.yes(sluice::force_simd_level(level), "force " + std::string(level));
    checks.yes(sluice::simd_level() == level, "forced " + std::string(level));
  }
  for (std::string_view level : {"", "avx", "AVX2", "portable "}) {
    checks.yes(!sluice::force_simd_level(level), "refuse " + std::string(level));
    checks.yes(sluice::simd_level() == "portable", "nothing changes");
  }
}

}  // namespace

int main() {
  Checks checks;
  std::mt19937_64 random(20240229);
  test_derivation(checks, random);
  test_levels(checks);
#if defined(__x86_64__)
  test_that_libraries_were_found(checks);
#endif
  for (std::string_view level : sluice::simd_levels()) {
    sluice::force_simd_level(level);
    test_published_values(checks);
    test_published_blocks(checks);
    test_lengths_and_alignments(checks, random);
    test_extreme_bytes(checks);
    test_splits_and_trees(checks, random);
    test_combine_of_huge_lengths(checks, random);
    test_against_libraries(checks, random);
    printf("%s\n", std::string(level).c_str());
  }
  return checks.finish();
}
