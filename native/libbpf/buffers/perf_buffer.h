// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include <memory>

#include "native/libbpf/buffers/readiness.h"
#include "native/runtime/unique_fd.h"

namespace sluice {

// Reads the samples that BPF programs put into the per-CPU buffers of a perf event array.
class PerfBuffer : public Napi::ObjectWrap<PerfBuffer> {
 public:
  static void register_class(Napi::Env env, Napi::Object exports);
  explicit PerfBuffer(const Napi::CallbackInfo& info);
  ~PerfBuffer() override;

 private:
  Napi::Value consume(const Napi::CallbackInfo& info);
  Napi::Value wait(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);

  perf_buffer* opened(Napi::Env env) const;
  void release();

  // Our own: libbpf empties the map by this number when the buffer is closed.
  UniqueFd map_;
  perf_buffer* buffer_ = nullptr;
  std::unique_ptr<Readiness> readiness_;
  std::vector<uint8_t> bytes_;
  std::vector<uint32_t> lengths_;
  std::vector<uint32_t> cpus_;
  uint64_t lost_ = 0;
};

}  // namespace sluice
