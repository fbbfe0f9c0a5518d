// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <string>

#include "native/libbpf/arguments.h"

namespace sluice {

// A class whose objects JavaScript hands back to us as arguments. It may hand back anything, and Unwrap takes an object
// of another class for one of this: so ours are marked. `T::noun` names one in the refusal.
template <typename T>
class Wrapped : public Napi::ObjectWrap<T> {
 public:
  static T* of(const Napi::Value& value, const std::string& name) {
    if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&mark())) throw misuse(value, name, T::noun);
    return Napi::ObjectWrap<T>::Unwrap(value.As<Napi::Object>());
  }

 protected:
  explicit Wrapped(const Napi::CallbackInfo& info) : Napi::ObjectWrap<T>(info) {
    info.This().As<Napi::Object>().TypeTag(&mark());
  }

 private:
  // Different for each class, because addresses are.
  static const napi_type_tag& mark() {
    static const napi_type_tag self{reinterpret_cast<uintptr_t>(&self), reinterpret_cast<uintptr_t>(T::noun)};
    return self;
  }
};

}  // namespace sluice
