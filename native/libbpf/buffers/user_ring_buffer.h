// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include <memory>

#include "native/libbpf/buffers/readiness.h"
#include "native/runtime/unique_fd.h"

namespace sluice {

// Writes records for a BPF program to drain (bpf_user_ringbuf_drain).
class UserRingBuffer : public Napi::ObjectWrap<UserRingBuffer> {
 public:
  static void register_class(Napi::Env env, Napi::Object exports);
  explicit UserRingBuffer(const Napi::CallbackInfo& info);
  ~UserRingBuffer() override;

 private:
  Napi::Value write(const Napi::CallbackInfo& info);
  Napi::Value used(const Napi::CallbackInfo& info);
  Napi::Value wait(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);

  user_ring_buffer* opened(Napi::Env env) const;
  bool map_positions();
  void release();

  UniqueFd map_;
  user_ring_buffer* buffer_ = nullptr;
  // Mapped from the kernel.
  uint64_t* consumed_ = nullptr;
  uint64_t* produced_ = nullptr;
  std::unique_ptr<Readiness> readiness_;
};

}  // namespace sluice
