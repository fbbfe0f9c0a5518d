// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include "native/libbpf/kernel_handle.h"
#include "native/libbpf/wrapped.h"

namespace sluice {

// A program that is loaded: it can be run, described, and attached if it comes from an object of ours.
class BpfProgram : public Wrapped<BpfProgram>, public KernelHandle {
 public:
  static constexpr const char* noun = "a BPF program";
  static void register_class(Napi::Env env, Napi::Object exports);
  explicit BpfProgram(const Napi::CallbackInfo& info);

  // The program in its object; null if it was opened from a pin or by id.
  bpf_program* in_object() const { return in_object_; }

 private:
  Napi::Value info(const Napi::CallbackInfo& info);
  Napi::Value run(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);

  bpf_prog_type type_ = BPF_PROG_TYPE_UNSPEC;
  bpf_program* in_object_ = nullptr;
};

}  // namespace sluice
