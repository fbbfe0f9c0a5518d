// SPDX-License-Identifier: Apache-2.0
#include "native/engine/outcome_binding.h"

#include "native/runtime/failure_binding.h"

namespace sluice {

Napi::Object values_to(Napi::Env env, const Values& from, uint32_t algorithms) {
  Napi::Object values = Napi::Object::New(env);
  for (const Reduction& each : reductions()) {
    const auto index = static_cast<size_t>(each.algorithm);
    if (algorithms & (1u << index)) values.Set(std::string(each.name), Napi::BigInt::New(env, from[index]));
  }
  return values;
}

BackendChoice backend_choice_of(const Napi::Object& request) {
  const std::string name = request.Get("backend").As<Napi::String>();
  const Backend* backend = backend_of(name);
  if (!backend) throw Napi::RangeError::New(request.Env(), "no such backend: " + name);
  return {backend, static_cast<uint64_t>(request.Get("backendFrom").As<Napi::Number>().DoubleValue()),
          request.Get("fallback").As<Napi::Boolean>()};
}

Napi::Object outcome_to(Napi::Env env, const Outcome& from, uint32_t algorithms) {
  Napi::Object to = from.values ? Napi::Object::New(env) : failure_to(env, from.values.failure());
  if (from.values) to.Set("values", values_to(env, *from.values, algorithms));
  to.Set("bytes", static_cast<double>(from.bytes));
  to.Set("backend", std::string(from.backend->name));
  if (!from.fallback_reason.empty()) {
    to.Set("fallbackReason", from.fallback_reason);
    to.Set("fallbackOffset", static_cast<double>(from.fallback_offset));
  }
  to.Set("durationNs", static_cast<double>(from.duration_ns));
  return to;
}

}  // namespace sluice
