// SPDX-License-Identifier: Apache-2.0
#include "native/runtime/failure_binding.h"

namespace sluice {

Napi::Object failure_to(Napi::Env env, const Failure& from) {
  Napi::Object to = Napi::Object::New(env);
  to.Set("failure", from.kind);
  to.Set("errno", from.error);
  to.Set("detail", from.detail);
  return to;
}

}  // namespace sluice
