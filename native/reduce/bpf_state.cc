// SPDX-License-Identifier: Apache-2.0
#include "native/reduce/bpf_state.h"

#include <cstddef>
#include <cstring>

#include "native/reduce/crc/polynomial.h"

namespace sluice {
namespace {

constexpr size_t kCrc32Distances[] = {SLUICE_CRC32_DISTANCES};
constexpr size_t kCrc32cDistances[] = {SLUICE_CRC32C_DISTANCES};
constexpr size_t kCrc64NvmeDistances[] = {SLUICE_CRC64NVME_DISTANCES};

// The word that takes a CRC register from 0 to `target`: the register's steps, undone.
template <typename Word>
Word word_that_sets(Word target, Word generator) {
  constexpr int bits = 8 * sizeof(Word);
  for (int i = 0; i < bits; i++) {
    target = target >> (bits - 1) ? static_cast<Word>((target ^ generator) << 1 | 1) : static_cast<Word>(target << 1);
  }
  return target;
}

template <typename Word, size_t history>
void start(uint8_t (&stream)[history], uint64_t value, Word generator) {
  Word word = word_that_sets(static_cast<Word>(~value), generator);
  memset(stream, 0, history - sizeof word);
  memcpy(stream + history - sizeof word, &word, sizeof word);
}

// The stream's last D bytes stand for the whole message; what made them of it is undone by the
// same exclusive ors once more, and the rest is a plain CRC from register 0.
template <size_t history, size_t count>
uint64_t finish(const uint8_t (&stream)[history], const size_t (&distances)[count], Algorithm algorithm) {
  using Lanes = uint64_t __attribute__((vector_size(32)));
  static_assert(history % sizeof(Lanes) == 0);
  const size_t longest = distances[count - 1];

  uint8_t padded[2 * history];  // zeros stand for the bytes before the last D
  memset(padded, 0, 2 * history - longest);
  memcpy(padded + 2 * history - longest, stream + history - longest, longest);

  uint8_t message[history];
  for (size_t i = 0; i < history; i += sizeof(Lanes)) {
    Lanes sum;
    memcpy(&sum, padded + history + i, sizeof sum);
    for (size_t distance : distances) {
      Lanes earlier;
      memcpy(&earlier, padded + history + i - distance, sizeof earlier);
      sum ^= earlier;
    }
    memcpy(message + i, &sum, sizeof sum);
  }
  const Reduction& crc = reduction(algorithm);
  const uint64_t zero_register = ~uint64_t{0} >> (64 - crc.bits);
  return crc.update(zero_register, message + history - longest, longest);
}

}  // namespace

void start_bpf_state(sluice_bpf_state& state, uint32_t algorithms, const uint64_t values[kAlgorithms]) {
  if (algorithms & SLUICE_ADLER32) {
    const uint64_t value = values[static_cast<size_t>(Algorithm::adler32)];
    state.adler_a = value & 0xffff;
    state.adler_b = value >> 16 & 0xffff;
  }
  if (algorithms & SLUICE_CRC32) {
    start<uint32_t>(state.crc32, values[static_cast<size_t>(Algorithm::crc32)], kCrc32Generator);
  }
  if (algorithms & SLUICE_CRC32C) {
    start<uint32_t>(state.crc32c, values[static_cast<size_t>(Algorithm::crc32c)], kCrc32cGenerator);
  }
  if (algorithms & SLUICE_CRC64NVME) {
    start<uint64_t>(state.crc64nvme, values[static_cast<size_t>(Algorithm::crc64nvme)], kCrc64NvmeGenerator);
  }
}

uint64_t bpf_state_value(const sluice_bpf_state& state, Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::adler32:
      return static_cast<uint64_t>(state.adler_b) << 16 | state.adler_a;
    case Algorithm::crc32:
      return finish(state.crc32, kCrc32Distances, algorithm);
    case Algorithm::crc32c:
      return finish(state.crc32c, kCrc32cDistances, algorithm);
    case Algorithm::crc64nvme:
      return finish(state.crc64nvme, kCrc64NvmeDistances, algorithm);
  }
  __builtin_unreachable();
}

}  // namespace sluice
