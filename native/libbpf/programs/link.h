// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include <functional>
#include <string>

#include "native/libbpf/opened_object.h"

namespace sluice {

// What attaching yields: a link of libbpf's, or where the kernel has no link for it (sockmap before 6.13, tc
// before 6.6) the way to detach.
struct Attachment {
  bpf_link* link = nullptr;
  std::function<int()> detach;
};

// A program attached to a hook, until it is closed, collected or detached.
class BpfLink : public Napi::ObjectWrap<BpfLink> {
 public:
  static void register_class(Napi::Env env, Napi::Object exports);
  explicit BpfLink(const Napi::CallbackInfo& info);
  ~BpfLink() override;

 private:
  Napi::Value info(const Napi::CallbackInfo& info);
  Napi::Value iterate(const Napi::CallbackInfo& info);
  void update(const Napi::CallbackInfo& info);
  void pin(const Napi::CallbackInfo& info);
  void detach(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);

  bpf_link* link(Napi::Env env) const;
  std::string what(const char* action) const { return std::string(action) + " the link of " + name_; }
  // 0 or -errno.
  int release();

  Attachment attachment_;
  std::string name_;
  OpenedObject object_;
};

}  // namespace sluice
