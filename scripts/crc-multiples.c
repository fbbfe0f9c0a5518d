// SPDX-License-Identifier: Apache-2.0
/*
 * Finds the sparse multiples of CRC polynomials that bpf/reduce/state.h lists by their distances:
 * d1 < ... < dn = D with x^D + x^(D-d1) + ... + x^(D-dn) = 0 modulo the polynomial, which divided
 * by x^D is x^-d1 + ... + x^-dn = 1. Meets in the middle: sums of some of the terms against 1 plus
 * sums of the others, one class of equal low bits after another, so that memory stays small. A
 * solution of 6 terms turns up in 20 classes of 2^20: the first tenth of a search finds most.
 *
 *   cc -O2 -o crc-multiples scripts/crc-multiples.c
 *   ./crc-multiples 32 04c11db7 3 8 3100          # crc32, less than a second
 *   ./crc-multiples 32 1edc6f41 3 8 5300          # crc32c
 *   ./crc-multiples 64 ad93d23594c93659 6 64 6400 # crc64nvme, some minutes to the first
 *
 * BITS POLYNOMIAL (hexadecimal, normal bit order, x^BITS left out) TERMS (3 to 6) LEAST and MOST
 * (range of the distances, LEAST being 8 or more: a step of the reductions is 8 bytes).
 * Prints each solution in each class that it turns up in.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kMostTerms = 6, kClassSums = 1 << 22 };

struct sum {
  uint64_t value;
  uint16_t distances[3];
};

static uint64_t* inverse_powers;  // of x, by exponent
static int least, most;
static int class_bits;

static struct sum* pairs;     // sums of two terms, by class
static uint32_t* first_pair;  // of each class, and one more

static void* allocate(size_t count, size_t size) {
  void* memory = calloc(count, size);
  if (!memory) {
    fprintf(stderr, "crc-multiples: no memory for this range; lower MOST\n");
    exit(1);
  }
  return memory;
}

static uint32_t class_of(uint64_t value) { return value & ((UINT64_C(1) << class_bits) - 1); }

static uint32_t bucket_of(uint64_t value, int bits) {
  return (value >> class_bits) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - bits);
}

static void make_inverse_powers(int bits, uint64_t polynomial) {
  inverse_powers = allocate(most + 1, sizeof *inverse_powers);
  inverse_powers[0] = 1;
  for (int d = 1; d <= most; d++) {
    const uint64_t v = inverse_powers[d - 1];
    // Adding the polynomial clears the constant term, and the division by x is a shift.
    inverse_powers[d] = v & 1 ? (v ^ polynomial) >> 1 | UINT64_C(1) << (bits - 1) : v >> 1;
  }
}

static void make_pairs(void) {
  const size_t n = most - least + 1;
  const uint32_t classes = UINT32_C(1) << class_bits;
  pairs = allocate(n * (n - 1) / 2, sizeof *pairs);
  // One entry further than where it belongs: filling a class moves its entry to its end, which is
  // the start of the next.
  uint32_t* starts = allocate(classes + 2, sizeof *starts);
  for (int a = least; a < most; a++)
    for (int b = a + 1; b <= most; b++)
      starts[class_of(inverse_powers[a] ^ inverse_powers[b]) + 2]++;
  for (uint32_t c = 2; c < classes + 2; c++) starts[c] += starts[c - 1];
  for (int a = least; a < most; a++)
    for (int b = a + 1; b <= most; b++) {
      const uint64_t v = inverse_powers[a] ^ inverse_powers[b];
      pairs[starts[class_of(v) + 1]++] = (struct sum){v, {a, b, 0}};
    }
  first_pair = starts;
}

// All sums of one to three terms in a class.
static size_t sums_of_class(int terms, uint32_t class, struct sum* sums) {
  size_t n = 0;
  for (int c = least; c <= most; c++) {
    const uint64_t power = inverse_powers[c];
    if (terms == 1) {
      if (class_of(power) == class) sums[n++] = (struct sum){power, {c, 0, 0}};
      continue;
    }
    if (terms == 2) break;
    const uint32_t other = class ^ class_of(power);
    for (uint32_t i = first_pair[other]; i < first_pair[other + 1]; i++) {
      const struct sum* pair = &pairs[i];
      if (pair->distances[1] >= c) continue;  // each triple once
      if (n == kClassSums) {
        fprintf(stderr, "crc-multiples: too many sums in a class; lower MOST\n");
        exit(1);
      }
      sums[n++] =
          (struct sum){pair->value ^ power, {pair->distances[0], pair->distances[1], c}};
    }
  }
  if (terms == 2) {
    n = first_pair[class + 1] - first_pair[class];
    memcpy(sums, pairs + first_pair[class], n * sizeof *sums);
  }
  return n;
}

static int ascending(const void* a, const void* b) {
  return *(const uint16_t*)a - *(const uint16_t*)b;
}

static void print_solution(const struct sum* few, int few_terms, const struct sum* rest,
                           int rest_terms) {
  uint16_t distances[kMostTerms];
  const int n = few_terms + rest_terms;
  memcpy(distances, few->distances, few_terms * sizeof *distances);
  memcpy(distances + few_terms, rest->distances, rest_terms * sizeof *distances);
  qsort(distances, n, sizeof *distances, ascending);
  for (int i = 1; i < n; i++)
    if (distances[i] == distances[i - 1]) return;  // the two terms cancel
  for (int i = 0; i < n; i++) printf("%d%c", distances[i], i == n - 1 ? '\n' : ' ');
  fflush(stdout);
}

int main(int argc, char** argv) {
  const int bits = argc == 6 ? atoi(argv[1]) : 0, terms = argc == 6 ? atoi(argv[3]) : 0;
  least = argc == 6 ? atoi(argv[4]) : 0;
  most = argc == 6 ? atoi(argv[5]) : 0;
  if (bits < 32 || bits > 64 || terms < 3 || terms > kMostTerms || least < 8 || most <= least ||
      most > UINT16_MAX) {
    fprintf(stderr, "usage: crc-multiples BITS POLYNOMIAL TERMS LEAST MOST (see the source)\n");
    return 2;
  }
  make_inverse_powers(bits, strtoull(argv[2], NULL, 16));
  class_bits = terms == kMostTerms ? 20 : 12;
  make_pairs();

  const int few_terms = terms / 2, rest_terms = terms - few_terms;
  struct sum* few = allocate(kClassSums, sizeof *few);
  struct sum* rest = allocate(kClassSums, sizeof *rest);
  int32_t* next = allocate(kClassSums, sizeof *next);
  static int32_t heads[1 << 20];
  for (uint32_t class = 0; class < UINT32_C(1) << class_bits; class++) {
    const size_t few_count = sums_of_class(few_terms, class, few);
    const size_t rest_count = sums_of_class(rest_terms, class ^ 1, rest);
    int bucket_bits = 8;
    while (bucket_bits < 20 && UINT64_C(1) << bucket_bits < 2 * few_count) bucket_bits++;
    memset(heads, -1, sizeof *heads << bucket_bits);
    for (size_t i = 0; i < few_count; i++) {
      int32_t* head = &heads[bucket_of(few[i].value, bucket_bits)];
      next[i] = *head;
      *head = i;
    }
    for (size_t i = 0; i < rest_count; i++)
      for (int32_t k = heads[bucket_of(rest[i].value, bucket_bits)]; k >= 0; k = next[k])
        if (few[k].value == (rest[i].value ^ 1))
          print_solution(&few[k], few_terms, &rest[i], rest_terms);
  }
}
