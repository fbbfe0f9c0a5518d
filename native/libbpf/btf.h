// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <memory>

struct btf;

namespace sluice {

// Type information: of the kernel, of one of its modules, of an object, or from bytes.
class Btf : public Napi::ObjectWrap<Btf> {
 public:
  static void register_class(Napi::Env env, Napi::Object exports);
  explicit Btf(const Napi::CallbackInfo& info);

 private:
  Napi::Value count(const Napi::CallbackInfo& info);
  Napi::Value find(const Napi::CallbackInfo& info);
  Napi::Value type(const Napi::CallbackInfo& info);

  std::shared_ptr<const btf> base_;
  std::shared_ptr<const btf> btf_;
};

}  // namespace sluice
