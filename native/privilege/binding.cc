// SPDX-License-Identifier: Apache-2.0
#include "native/privilege/binding.h"

#include "native/privilege/capabilities.h"
#include "native/privilege/drop.h"
#include "native/runtime/failure_binding.h"

namespace sluice {

void register_privilege(Napi::Env env, Napi::Object exports) {
  // dropCapabilities(mask, forProgramsToo) -> failure, if any
  exports.Set("dropCapabilities", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                bool lossless;
                const uint64_t mask = info[0].As<Napi::BigInt>().Uint64Value(&lossless);
                return result_to(info.Env(), drop_capabilities(mask, info[1].As<Napi::Boolean>()));
              }));
  // capabilities() -> mask of the effective ones | failure
  exports.Set("capabilities", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                Result<Capabilities> held = capabilities_of(0);
                return result_to(info.Env(), held, [&info](const Capabilities& held) {
                  return Napi::BigInt::New(info.Env(), held.effective);
                });
              }));
}

}  // namespace sluice
