// SPDX-License-Identifier: Apache-2.0
#include "native/checksum/binding.h"

#include <fcntl.h>

#include <cerrno>

#include "native/checksum/job.h"
#include "native/engine/outcome_binding.h"
#include "native/runtime/job_handle.h"
#include "native/runtime/worker_pool.h"

namespace sluice {
namespace {

Request request_of(const Napi::Object& from) {
  Request request;
  const Napi::Value source = from.Get("source");
  if (source.IsNumber()) {
    request.fd.reset(fcntl(source.As<Napi::Number>().Int32Value(), F_DUPFD_CLOEXEC, 3));
    if (!request.fd) request.fd_error = errno;
  } else {
    request.path = source.As<Napi::String>().Utf8Value();
  }
  const auto number = [&from](const char* name) { return from.Get(name).As<Napi::Number>().DoubleValue(); };
  request.algorithms = static_cast<uint32_t>(number("algorithms"));
  request.choice = backend_choice_of(from);
  request.bypass_cache = from.Get("bypassCache").As<Napi::Boolean>();
  request.begin = static_cast<uint64_t>(number("start"));
  if (const double end = number("end"); end >= 0) request.end = static_cast<uint64_t>(end);
  request.threads = static_cast<uint32_t>(number("threads"));
  request.pool = static_cast<uint32_t>(number("pool"));
  return request;
}

Napi::Object checksum_outcome_to(Napi::Env env, const ChecksumOutcome& from, uint32_t algorithms) {
  static const char* const writers[] = {"none", "self", "unknown"};
  static const char* const caches[] = {"used", "bypassed", "fell-back"};
  Napi::Object to = outcome_to(env, from, algorithms);
  to.Set("writers", writers[static_cast<size_t>(from.writers)]);
  to.Set("cache", caches[static_cast<size_t>(from.cache)]);
  return to;
}

Napi::Value checksum(const Napi::CallbackInfo& info) {
  Request request = request_of(info[0].As<Napi::Object>());
  const uint32_t algorithms = request.algorithms;
  return start_job<ChecksumJob>(info.Env(), std::move(request), info[1].As<Napi::Function>(),
                                [algorithms](Napi::Env env, const ChecksumJob& job) {
                                  return checksum_outcome_to(env, job.outcome(), algorithms);
                                });
}

size_t index_of(const Napi::Value& algorithm) {
  const uint32_t index = algorithm.As<Napi::Number>().Uint32Value();
  if (index >= kAlgorithms) throw Napi::RangeError::New(algorithm.Env(), "no such algorithm");
  return index;
}

uint64_t u64_of(const Napi::Value& value) {
  bool lossless;
  return value.As<Napi::BigInt>().Uint64Value(&lossless);
}

// update(algorithm, value, bytes) -> value
Napi::Value update(const Napi::CallbackInfo& info) {
  const Reduction& each = reduction(static_cast<Algorithm>(index_of(info[0])));
  const auto bytes = info[2].As<Napi::Uint8Array>();
  return Napi::BigInt::New(info.Env(), each.update(u64_of(info[1]), bytes.Data(), bytes.ByteLength()));
}

// combine(algorithm, a, b, lengthOfB) -> value
Napi::Value combine(const Napi::CallbackInfo& info) {
  const Reduction& each = reduction(static_cast<Algorithm>(index_of(info[0])));
  return Napi::BigInt::New(info.Env(), each.combine(u64_of(info[1]), u64_of(info[2]), u64_of(info[3])));
}

Napi::Value algorithms(const Napi::CallbackInfo& info) {
  Napi::Array list = Napi::Array::New(info.Env());
  for (const Reduction& each : reductions()) {
    Napi::Object row = Napi::Object::New(info.Env());
    row.Set("name", std::string(each.name));
    row.Set("bits", each.bits);
    row.Set("init", Napi::BigInt::New(info.Env(), each.init));
    list.Set(list.Length(), row);
  }
  return list;
}

}  // namespace

void register_checksum(Napi::Env env, Napi::Object exports) {
  exports.Set("checksum", Napi::Function::New(env, checksum));
  exports.Set("update", Napi::Function::New(env, update));
  exports.Set("combine", Napi::Function::New(env, combine));
  exports.Set("algorithms", Napi::Function::New(env, algorithms));
  exports.Set("maxThreads", WorkerPool::kMaxThreads);
  exports.Set("simdLevel", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                return Napi::String::New(info.Env(), std::string(simd_level()));
              }));
}

}  // namespace sluice
