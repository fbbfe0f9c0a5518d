// SPDX-License-Identifier: Apache-2.0
#include "native/relay/binding.h"

#include <fcntl.h>

#include <cerrno>

#include "native/engine/outcome_binding.h"
#include "native/relay/relay.h"
#include "native/runtime/job_handle.h"

namespace sluice {
namespace {

RelayRequest request_of(const Napi::Object& from) {
  const auto number = [&from](const char* name) { return from.Get(name).As<Napi::Number>().DoubleValue(); };
  RelayRequest request;
  const auto duplicate = [&](const char* name, UniqueFd& to) {
    to.reset(fcntl(static_cast<int>(number(name)), F_DUPFD_CLOEXEC, 3));
    if (!to) request.error = errno;
  };
  duplicate("source", request.source);
  duplicate("sink", request.sink);
  request.algorithms = static_cast<uint32_t>(number("algorithms"));
  request.choice = backend_choice_of(from);
  if (const double length = number("length"); length >= 0) request.length = static_cast<uint64_t>(length);
  request.source_offset = static_cast<uint64_t>(number("sourceOffset"));
  request.sink_offset = static_cast<uint64_t>(number("offset"));
  request.pool = static_cast<uint32_t>(number("pool"));
  return request;
}

Napi::Object relay_outcome_to(Napi::Env env, const RelayOutcome& from, uint32_t algorithms) {
  Napi::Object to = outcome_to(env, from, algorithms);
  if (!from.values) to.Set("taken", static_cast<double>(from.taken));
  to.Set("measured", from.stored ? "stored" : "in-flight");
  return to;
}

Napi::Value relay(const Napi::CallbackInfo& info) {
  RelayRequest request = request_of(info[0].As<Napi::Object>());
  const uint32_t algorithms = request.algorithms;
  return start_job<Relay>(
      info.Env(), std::move(request), info[1].As<Napi::Function>(),
      [algorithms](Napi::Env env, const Relay& done) { return relay_outcome_to(env, done.outcome(), algorithms); });
}

}  // namespace

void register_relay(Napi::Env env, Napi::Object exports) { exports.Set("relay", Napi::Function::New(env, relay)); }

}  // namespace sluice
