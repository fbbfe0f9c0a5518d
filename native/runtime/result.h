// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>
#include <variant>

#include "native/runtime/failure.h"

namespace sluice {

// What comes of a call that can fail: its value, if it has one, or why there is none.
//
// All calls of ours that can fail give one, but for two kinds. What moves bytes, or runs a program in the kernel,
// answers as the kernel does, with a number or -errno: EAGAIN is no failure there. And what can give nothing throws: a
// constructor, which throws its Failure, and any line that wants memory. `caught` makes a result of that, where it
// would otherwise leave a thread of ours.
template <typename T = std::monostate>
class [[nodiscard]] Result {
 public:
  Result()
    requires std::is_same_v<T, std::monostate>
  = default;
  template <std::convertible_to<T> Value>
  Result(Value&& value) : either_(std::in_place_index<0>, std::forward<Value>(value)) {}
  Result(Failure failure) : either_(std::in_place_index<1>, std::move(failure)) {}

  explicit operator bool() const { return either_.index() == 0; }

  // Of one that is true.
  T& operator*() { return std::get<0>(either_); }
  const T& operator*() const { return std::get<0>(either_); }
  T* operator->() { return &std::get<0>(either_); }
  const T* operator->() const { return &std::get<0>(either_); }

  // Of one that is false.
  Failure& failure() { return std::get<1>(either_); }
  const Failure& failure() const { return std::get<1>(either_); }

 private:
  std::variant<T, Failure> either_;
};

// Calls it, and turns what it throws into a failure: nobody catches an exception that leaves a thread of ours.
template <typename Call>
auto caught(Call call) {
  using Returned = decltype(call());
  using Answer = std::conditional_t<std::is_void_v<Returned>, Result<>, Returned>;
  try {
    if constexpr (std::is_void_v<Returned>) {
      call();
      return Answer();
    } else {
      return Answer(call());
    }
  } catch (...) {
    return Answer(thrown_failure());
  }
}

}  // namespace sluice
