// SPDX-License-Identifier: Apache-2.0
#include "native/privilege/binding.h"

#include "native/privilege/drop.h"

namespace sluice {

void register_privilege(Napi::Env env, Napi::Object exports) {
  exports.Set("dropCapabilities", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                bool lossless;
                const uint64_t mask = info[0].As<Napi::BigInt>().Uint64Value(&lossless);
                return Napi::Number::New(info.Env(), drop_capabilities(mask));
              }));
}

}  // namespace sluice
