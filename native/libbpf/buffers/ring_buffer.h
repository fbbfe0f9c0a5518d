// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include <memory>

#include "native/libbpf/buffers/readiness.h"
#include "native/runtime/unique_fd.h"

namespace sluice {

// Reads the records that BPF programs put into a ring buffer map.
class RingBuffer : public Napi::ObjectWrap<RingBuffer> {
 public:
  static void register_class(Napi::Env env, Napi::Object exports);
  explicit RingBuffer(const Napi::CallbackInfo& info);
  ~RingBuffer() override;

 private:
  Napi::Value consume(const Napi::CallbackInfo& info);
  Napi::Value wait(const Napi::CallbackInfo& info);
  Napi::Value available(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);

  ring_buffer* opened(Napi::Env env) const;
  void release();

  UniqueFd map_;
  ring_buffer* buffer_ = nullptr;
  std::unique_ptr<Readiness> readiness_;
  std::vector<uint8_t> bytes_;
  std::vector<uint32_t> lengths_;
};

}  // namespace sluice
