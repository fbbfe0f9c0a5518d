// SPDX-License-Identifier: Apache-2.0
#include "native/probe/binding.h"

#include "native/probe/probe.h"

namespace sluice {

void register_probe(Napi::Env env, Napi::Object exports) {
  exports.Set("probeProgramType", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                return Napi::Number::New(info.Env(), probe_program_type(info[0].As<Napi::String>()));
              }));
  exports.Set("probeHook", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                return Napi::Number::New(info.Env(),
                                         probe_hook(info[0].As<Napi::String>(), info[1].As<Napi::String>()));
              }));
}

}  // namespace sluice
