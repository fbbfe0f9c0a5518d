// SPDX-License-Identifier: Apache-2.0
#include "native/probe/binding.h"

#include "native/libbpf/room.h"
#include "native/probe/probe.h"

namespace sluice {
namespace {

Napi::Value to_array(Napi::Env env, const std::vector<int>& results) {
  auto array = Napi::Array::New(env, results.size());
  for (uint32_t i = 0; i < results.size(); ++i) array.Set(i, results[i]);
  return array;
}

}  // namespace

void register_probe(Napi::Env env, Napi::Object exports) {
  exports.Set("probeProgramTypes", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                const auto given = info[0].As<Napi::Array>();
                std::vector<std::string> names;
                for (uint32_t i = 0; i < given.Length(); ++i) names.push_back(given.Get(i).As<Napi::String>());
                expect_room(info.Env(), "probe for program types");
                return to_array(info.Env(), probe_program_types(names));
              }));
  exports.Set("needsOfProgramType", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                Napi::Array names = Napi::Array::New(info.Env());
                for (const std::string& name : needs_of_program_type(info[0].As<Napi::String>()))
                  names.Set(names.Length(), name);
                return names;
              }));
  exports.Set("probeHooks", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                const auto given = info[0].As<Napi::Array>();
                std::vector<Hook> hooks;
                for (uint32_t i = 0; i < given.Length(); ++i) {
                  const auto hook = given.Get(i).As<Napi::Array>();
                  hooks.emplace_back(hook.Get(0u).As<Napi::String>(), hook.Get(1u).As<Napi::String>());
                }
                expect_room(info.Env(), "probe for hooks");
                return to_array(info.Env(), probe_hooks(hooks));
              }));
}

}  // namespace sluice
