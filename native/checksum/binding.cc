// SPDX-License-Identifier: Apache-2.0
#include "native/checksum/binding.h"

#include <fcntl.h>

#include <cerrno>

#include "native/checksum/job.h"
#include "native/file/page_cache.h"
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
  request.kernel = from.Get("kernel").As<Napi::Boolean>();
  request.kernel_from = static_cast<uint64_t>(number("kernelFrom"));
  request.fallback = from.Get("fallback").As<Napi::Boolean>();
  request.bypass_cache = from.Get("bypassCache").As<Napi::Boolean>();
  request.begin = static_cast<uint64_t>(number("start"));
  if (const double end = number("end"); end >= 0) request.end = static_cast<uint64_t>(end);
  request.threads = static_cast<uint32_t>(number("threads"));
  request.pool = static_cast<uint32_t>(number("pool"));
  return request;
}

Napi::Object values_to(Napi::Env env, const Values& from, uint32_t algorithms) {
  Napi::Object values = Napi::Object::New(env);
  for (const Reduction& each : reductions()) {
    const auto index = static_cast<size_t>(each.algorithm);
    if (algorithms & (1u << index)) values.Set(std::string(each.name), Napi::BigInt::New(env, from[index]));
  }
  return values;
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

Napi::Object failure_to(Napi::Env env, const Failure& from) {
  Napi::Object to = Napi::Object::New(env);
  to.Set("failure", from.kind);
  to.Set("errno", from.error);
  to.Set("detail", from.detail);
  return to;
}

Napi::Object outcome_to(Napi::Env env, const Outcome& from, uint32_t algorithms) {
  Napi::Object to = from.failure ? failure_to(env, from.failure) : Napi::Object::New(env);
  if (!from.failure) to.Set("values", values_to(env, from.values, algorithms));
  to.Set("bytes", static_cast<double>(from.bytes));
  to.Set("kernel", from.kernel);
  if (!from.fallback_reason.empty()) {
    to.Set("fallbackReason", from.fallback_reason);
    to.Set("fallbackOffset", static_cast<double>(from.fallback_offset));
  }
  to.Set("durationNs", static_cast<double>(from.duration_ns));
  return to;
}

void register_checksum(Napi::Env env, Napi::Object exports) {
  exports.Set("checksum", Napi::Function::New(env, checksum));
  exports.Set("update", Napi::Function::New(env, update));
  exports.Set("combine", Napi::Function::New(env, combine));
  exports.Set("algorithms", Napi::Function::New(env, algorithms));
  exports.Set("dropFromPageCache", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                return Napi::Number::New(info.Env(), drop_from_page_cache(info[0].As<Napi::Number>()));
              }));
  exports.Set("residentBytes", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                return Napi::Number::New(info.Env(), static_cast<double>(resident_bytes(info[0].As<Napi::Number>())));
              }));
  exports.Set("maxThreads", WorkerPool::kMaxThreads);
  exports.Set("simdLevel", Napi::Function::New(env, [](const Napi::CallbackInfo& info) {
                return Napi::String::New(info.Env(), std::string(simd_level()));
              }));
}

}  // namespace sluice
