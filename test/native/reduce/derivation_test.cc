// SPDX-License-Identifier: Apache-2.0
#include "derivation_test.h"

#include <string>

#include "native/reduce/crc/polynomial.h"
#include "reference.h"

namespace {

struct Generator {
  const char* name;
  uint64_t word;
  unsigned bits;
  uint64_t printed;
};

constexpr Generator kGenerators[] = {
    {"crc32", sluice::kCrc32Generator, 32, 0x04c11db7},
    {"crc32c", sluice::kCrc32cGenerator, 32, 0x1edc6f41},
    {"crc64nvme", sluice::kCrc64NvmeGenerator, 64, 0xad93d23594c93659},
};

void test_generator(Checks& checks, std::mt19937_64& random, const Generator& generator) {
  const std::string name = generator.name;
  const reference::Polynomial divisor = reference::generator(generator.bits, generator.printed);
  checks.equal(generator.word, reference::reflected_word(divisor, 0), name + " generator");
  checks.equal(sluice::generator_above_one(generator.word), reference::reflected_word(divisor, 1),
               name + " generator / x");

  reference::Polynomial dividend = reference::monomial(127);
  checks.equal(sluice::barrett_quotient(generator.word),
               reference::reflected_word(reference::divide(dividend, divisor), 0), name + " x^127 / generator");

  for (size_t exponent = 0; exponent <= 4096; ++exponent) {
    reference::Polynomial remainder = reference::monomial(exponent);
    reference::divide(remainder, divisor);
    checks.equal(sluice::power_of_x(exponent, generator.word), reference::reflected_word(remainder, 0),
                 name + " x^" + std::to_string(exponent));
  }

  for (int round = 0; round < 1000; ++round) {
    uint64_t a = random(), b = random();
    reference::Polynomial product =
        reference::product(reference::from_reflected_word(a), reference::from_reflected_word(b));
    reference::divide(product, divisor);
    checks.equal(sluice::multiply(a, b, generator.word), reference::reflected_word(product, 0), name + " product");
  }

  // Each shift is the square of the one before it, and the first is x^8.
  const auto shifts = sluice::byte_shifts(generator.word);
  reference::Polynomial shift = reference::monomial(8);
  for (size_t bit = 0; bit < shifts.size(); ++bit) {
    checks.equal(shifts[bit], reference::reflected_word(shift, 0), name + " shift " + std::to_string(bit));
    shift = reference::product(shift, shift);
    reference::divide(shift, divisor);
  }
}

}  // namespace

void test_derivation(Checks& checks, std::mt19937_64& random) {
  for (const Generator& generator : kGenerators) test_generator(checks, random, generator);
}
