// SPDX-License-Identifier: Apache-2.0
// How a native call fails towards JavaScript: it gives {failure, errno, call, subject, detail} in the place of its
// value, or of undefined, and does not throw. So it is returned, resolved, handed to the callback, or stands in the
// outcome of a job beside what that has measured until then. A number is never a failure, but an answer: a probe says
// with one of each thing that it tries whether it works. `undefined` in the place of a value says that there is none.
// Arguments that lib/ never gives, as an algorithm that does not exist, are no failure but a mistake of ours: a
// RangeError.
//
// The classes of native/libbpf/ throw what the kernel refuses and what they are given wrongly, for `new` can give
// nothing but an object, and users call them by way of thin wrappers. lib/libbpf/refusal.ts makes these errors
// (native/libbpf/refusal.h).
#pragma once

#include <napi.h>

#include "native/runtime/result.h"

namespace sluice {

// {failure, errno, call, subject, detail}, and atTarget where it is.
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
