// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include <string>

#include "native/libbpf/opened_object.h"
#include "native/unique_fd.h"

namespace sluice {

// A program that is loaded: it can be run, described, and attached if it comes from an object of ours.
class BpfProgram : public Napi::ObjectWrap<BpfProgram> {
 public:
  static void register_class(Napi::Env env, Napi::Object exports);
  explicit BpfProgram(const Napi::CallbackInfo& info);

  int fd(Napi::Env env) const;
  const std::string& name() const { return name_; }
  // The program in its object; null if it was opened from a pin or by id.
  bpf_program* in_object() const { return in_object_; }
  const OpenedObject& object() const { return object_; }

 private:
  Napi::Value info(const Napi::CallbackInfo& info);
  Napi::Value run(const Napi::CallbackInfo& info);
  void pin(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);

  std::string what(const char* action) const { return std::string(action) + " the program " + name_; }

  UniqueFd fd_;
  std::string name_;
  bpf_prog_type type_ = BPF_PROG_TYPE_UNSPEC;
  OpenedObject object_;
  bpf_program* in_object_ = nullptr;
};

}  // namespace sluice
