// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/binding.h"

#include "native/libbpf/btf.h"
#include "native/libbpf/buffers/perf_buffer.h"
#include "native/libbpf/buffers/ring_buffer.h"
#include "native/libbpf/buffers/user_ring_buffer.h"
#include "native/libbpf/features.h"
#include "native/libbpf/map.h"
#include "native/libbpf/object.h"
#include "native/libbpf/programs/link.h"
#include "native/libbpf/programs/program.h"
#include "native/libbpf/programs/statistics.h"
#include "native/libbpf/refusal.h"

namespace sluice {

void register_libbpf(Napi::Env env, Napi::Object exports) {
  register_refusal(env, exports);
  register_features(env, exports);
  BpfObject::register_class(env, exports);
  BpfMap::register_class(env, exports);
  BpfProgram::register_class(env, exports);
  BpfLink::register_class(env, exports);
  Btf::register_class(env, exports);
  RingBuffer::register_class(env, exports);
  PerfBuffer::register_class(env, exports);
  Statistics::register_class(env, exports);
  UserRingBuffer::register_class(env, exports);
}

}  // namespace sluice
