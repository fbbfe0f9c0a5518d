// SPDX-License-Identifier: Apache-2.0
// How a native call fails towards JavaScript.
//
// A function gives a failure, {failure, errno, detail}, in the place of its value: returned, resolved, or handed to the
// callback, and together with what a job has measured until then. It throws nothing that it could give, so a caller
// looks in one place. A number of its own, or undefined, is never a failure, but an answer: a probe says of each thing
// that it tries whether it works, and undefined is "there is none".
//
// The classes of native/libbpf/ are made with `new`, which can give nothing but the object. They throw what
// lib/libbpf/refusal.ts makes of the same three things (native/libbpf/refusal.h).
#pragma once

#include <napi.h>

#include "native/runtime/result.h"

namespace sluice {

// {failure, errno, detail}, and atTarget where it is.
Napi::Object failure_to(Napi::Env env, const Failure& from);

// What `answer(value)` makes of the value, or the failure.
template <typename T, typename Answer>
Napi::Value result_to(Napi::Env env, Result<T>& from, Answer answer) {
  return from ? Napi::Value(answer(*from)) : failure_to(env, from.failure());
}

// Undefined, or the failure.
inline Napi::Value result_to(Napi::Env env, const Result<>& from) {
  return from ? env.Undefined() : failure_to(env, from.failure());
}

}  // namespace sluice
