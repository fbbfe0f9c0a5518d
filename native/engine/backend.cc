// SPDX-License-Identifier: Apache-2.0
#include "native/engine/backend.h"

#include <algorithm>

#include "native/engine/bpf.h"
#include "native/engine/userspace.h"

namespace sluice {
namespace {

constexpr Backend kBackends[] = {
    {"bpf", bpf::reduce_range, bpf::reduce_pipe, nullptr},
    {"userspace", userspace::reduce_range, userspace::reduce_pipe, userspace::reduce_memory},
};

}  // namespace

std::span<const Backend> backends() { return kBackends; }

const Backend* backend_of(std::string_view name) {
  const Backend* found = std::ranges::find(kBackends, name, &Backend::name);
  return found == std::end(kBackends) ? nullptr : found;
}

}  // namespace sluice
