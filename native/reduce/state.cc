// SPDX-License-Identifier: Apache-2.0
#include "native/reduce/state.h"

#include <array>

#include "native/reduce/bpf_state.h"

namespace sluice {
namespace {

struct Form {
  void (*start)(sluice_state& state, uint32_t algorithms, const uint64_t values[kAlgorithms]);
  uint64_t (*value)(const sluice_state& state, Algorithm algorithm);
};

// User space goes on from finished values as they are.
void start_userspace(sluice_state& state, uint32_t algorithms, const uint64_t values[kAlgorithms]) {
  for (size_t i = 0; i < kAlgorithms; ++i) {
    if (algorithms & 1u << i) state.values[i] = values[i];
  }
}

// In the order of SLUICE_BACKEND_*.
constexpr std::array kForms{
    Form{start_userspace,
         [](const sluice_state& state, Algorithm algorithm) -> uint64_t {
           return state.values[static_cast<size_t>(algorithm)];
         }},
    Form{[](sluice_state& state, uint32_t algorithms, const uint64_t values[kAlgorithms]) {
           start_bpf_state(state.bpf, algorithms, values);
         },
         [](const sluice_state& state, Algorithm algorithm) { return bpf_state_value(state.bpf, algorithm); }},
};
static_assert(SLUICE_BACKEND_USERSPACE == 0 && SLUICE_BACKEND_BPF == 1 && SLUICE_ALGORITHMS == kAlgorithms);

}  // namespace

void start_state(sluice_state& state, uint32_t backend, uint32_t algorithms, const uint64_t values[kAlgorithms]) {
  kForms.at(backend).start(state, algorithms, values);
  state.backend = backend;
  state.bytes = 0;
}

uint64_t finished_value(const sluice_state& state, Algorithm algorithm) {
  return kForms.at(state.backend).value(state, algorithm);
}

}  // namespace sluice
