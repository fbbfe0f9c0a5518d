// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/features.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>

#include "native/libbpf/arguments.h"
#include "native/libbpf/names.h"
#include "native/libbpf/refusal.h"
#include "native/libbpf/room.h"

namespace sluice {
namespace {

// Asks libbpf, which answers 0 also where it has no descriptor to try it with.
template <typename Probe>
Napi::Value answer(Napi::Env env, const std::string& what, Probe probe) {
  expect_room(env, "probe for " + what);
  const int result = probe();
  if (result < 0) throw refusal(env, "probe for " + what, -result);
  return Napi::Boolean::New(env, result > 0);
}

int program_type(const Napi::CallbackInfo& info) {
  const std::string name = text_of(info[0], "The type of a program");
  const int number = number_of(libbpf_bpf_prog_type_str, name);
  if (number < 0) throw refusal(info.Env(), "probe for the program type " + name, EINVAL);
  return number;
}

Napi::Value has_program_type(const Napi::CallbackInfo& info) {
  const auto type = static_cast<bpf_prog_type>(program_type(info));
  return answer(info.Env(), "a program type", [type] { return libbpf_probe_bpf_prog_type(type, nullptr); });
}

Napi::Value has_map_type(const Napi::CallbackInfo& info) {
  const std::string name = text_of(info[0], "The type of a map");
  const int type = number_of(libbpf_bpf_map_type_str, name);
  if (type < 0) throw refusal(info.Env(), "probe for the map type " + name, EINVAL);
  return answer(info.Env(), "the map type " + name,
                [type] { return libbpf_probe_bpf_map_type(static_cast<bpf_map_type>(type), nullptr); });
}

// hasHelper(programType, number)
Napi::Value has_helper(const Napi::CallbackInfo& info) {
  const auto type = static_cast<bpf_prog_type>(program_type(info));
  const uint32_t helper = word_of(info[1], "The number of a helper");
  return answer(info.Env(), "helper " + std::to_string(helper),
                [type, helper] { return libbpf_probe_bpf_helper(type, static_cast<bpf_func_id>(helper), nullptr); });
}

}  // namespace

void register_features(Napi::Env env, Napi::Object exports) {
  exports.Set("hasProgramType", Napi::Function::New(env, has_program_type));
  exports.Set("hasMapType", Napi::Function::New(env, has_map_type));
  exports.Set("hasHelper", Napi::Function::New(env, has_helper));
  exports.Set("possibleCpus", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                return Napi::Number::New(info.Env(), libbpf_num_possible_cpus());
              }));
}

}  // namespace sluice
