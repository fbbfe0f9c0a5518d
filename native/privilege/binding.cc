// SPDX-License-Identifier: Apache-2.0
#include "native/privilege/binding.h"

#include "native/privilege/capabilities.h"
#include "native/privilege/drop.h"

namespace sluice {

void register_privilege(Napi::Env env, Napi::Object exports) {
  exports.Set("dropCapabilities", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                bool lossless;
                const uint64_t mask = info[0].As<Napi::BigInt>().Uint64Value(&lossless);
                return Napi::Number::New(info.Env(), drop_capabilities(mask));
              }));
  // capabilities() -> mask of the effective ones | -errno
  exports.Set("capabilities", Napi::Function::New(env, [](const Napi::CallbackInfo& info) -> Napi::Value {
                Capabilities held;
                const int status = capabilities_of(0, held);
                if (status < 0) return Napi::Number::New(info.Env(), status);
                return Napi::BigInt::New(info.Env(), held.effective);
              }));
}

}  // namespace sluice
