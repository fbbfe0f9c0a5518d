// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include "native/libbpf/kernel_handle.h"
#include "native/libbpf/wrapped.h"

namespace sluice {

// A map in the kernel. The kernel reads and writes as many bytes as the map was made with, so every buffer is checked
// against that here.
class BpfMap : public Wrapped<BpfMap>, public KernelHandle {
 public:
  static constexpr const char* noun = "a BPF map";
  static void register_class(Napi::Env env, Napi::Object exports);
  explicit BpfMap(const Napi::CallbackInfo& info);

  // The map in its object, for what libbpf attaches by map; null if it was opened otherwise.
  const bpf_map* in_object() const { return in_object_; }
  // Whether it is an array with one element of this size.
  bool holds_one(size_t size) const { return type_ == BPF_MAP_TYPE_ARRAY && entries_ == 1 && value_size_ == size; }

 private:
  void create(Napi::Env env, const Napi::Object& options);
  Napi::Value info(const Napi::CallbackInfo& info);
  Napi::Value lookup(const Napi::CallbackInfo& info);
  Napi::Value lookup_and_delete(const Napi::CallbackInfo& info);
  Napi::Value contains(const Napi::CallbackInfo& info);
  void update(const Napi::CallbackInfo& info);
  Napi::Value remove(const Napi::CallbackInfo& info);
  Napi::Value next_key(const Napi::CallbackInfo& info);
  Napi::Value lookup_batch(const Napi::CallbackInfo& info);
  Napi::Value update_batch(const Napi::CallbackInfo& info);
  Napi::Value delete_batch(const Napi::CallbackInfo& info);
  void freeze(const Napi::CallbackInfo& info);
  Napi::Value memory(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);

  // The bytes of an argument, which must be as many as `size`.
  const uint8_t* bytes(const Napi::Value& value, size_t size, const char* which) const;
  // Null for undefined: queues, stacks and bloom filters have no keys.
  const uint8_t* key_or_none(const Napi::Value& value) const;

  bpf_map_type type_ = BPF_MAP_TYPE_UNSPEC;
  size_t key_size_ = 0;
  size_t value_size_ = 0;  // what the kernel copies: of a per-CPU map, that of all CPUs
  size_t entries_ = 0;
  const bpf_map* in_object_ = nullptr;
};

}  // namespace sluice
