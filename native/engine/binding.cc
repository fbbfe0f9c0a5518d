// SPDX-License-Identifier: Apache-2.0
#include "native/engine/binding.h"

#include <cstring>
#include <memory>
#include <utility>

#include "native/engine/pipe_tap.h"
#include "native/engine/self_check.h"
#include "native/runtime/failure_binding.h"

namespace sluice {
namespace {

// learnPageAddress(program, cookie, frames) -> {status, bias, shift, poisonedMask, tries}
Napi::Value learn_page_address_of(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const auto given = info[1].As<Napi::Uint8Array>();
  uint8_t cookie[SLUICE_COOKIE];
  if (given.ByteLength() != sizeof(cookie)) throw Napi::RangeError::New(env, "the cookie's length");
  std::memcpy(cookie, given.Data(), sizeof(cookie));
  sluice_page_address result{};
  const int status = learn_page_address(info[0].As<Napi::Number>(), cookie,
                                        static_cast<uint64_t>(info[2].As<Napi::Number>().DoubleValue()), result);
  Napi::Object to = Napi::Object::New(env);
  to.Set("status", status);
  to.Set("bias", Napi::BigInt::New(env, static_cast<uint64_t>(result.bias)));
  to.Set("shift", result.shift);
  to.Set("poisonedMask", Napi::BigInt::New(env, static_cast<uint64_t>(result.poisoned_mask)));
  to.Set("tries", result.tries);
  return to;
}

// streamOfNothing(algorithms) -> the bytes of a sluice_state of BPF programs that have summed nothing yet
Napi::Value stream_of_nothing(const Napi::CallbackInfo& info) {
  sluice_state state{};
  uint64_t values[kAlgorithms];
  for (const Reduction& each : reductions()) values[static_cast<size_t>(each.algorithm)] = each.init;
  start_state(state, SLUICE_BACKEND_BPF, info[0].As<Napi::Number>(), values);
  return Napi::Buffer<uint8_t>::Copy(info.Env(), reinterpret_cast<const uint8_t*>(&state), sizeof(state));
}

// installPipeTap({bind, run, states, slots}) -> failure, if any: of a system call, or what the self-check found wrong.
// Only a tap that passes is installed.
Napi::Value install(const Napi::CallbackInfo& info) {
  const auto from = info[0].As<Napi::Object>();
  const auto number = [&from](const char* name) { return from.Get(name).As<Napi::Number>().Int32Value(); };
  const Result<> installed = caught([&]() -> Result<> {
    auto tap = std::make_shared<PipeTap>(number("bind"), number("run"), number("states"), number("slots"));
    Result<> passed = self_check(*tap);
    if (passed) PipeTap::install(std::move(tap));
    return passed;
  });
  return result_to(info.Env(), installed);
}

}  // namespace

void register_tap(Napi::Env env, Napi::Object exports) {
  exports.Set("learnPageAddress", Napi::Function::New(env, learn_page_address_of));
  exports.Set("streamOfNothing", Napi::Function::New(env, stream_of_nothing));
  exports.Set("installPipeTap", Napi::Function::New(env, install));
  exports.Set("pipeTapInstalled", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                return Napi::Boolean::New(info.Env(), PipeTap::installed() != nullptr);
              }));
}

}  // namespace sluice
