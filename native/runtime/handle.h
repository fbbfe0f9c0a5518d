// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <memory>
#include <utility>

namespace sluice {

// JavaScript's hold on something that closes itself: until it is taken back, the handle is collected, or the
// environment ends.
template <typename T>
class Handle {
 public:
  static Napi::Value make(Napi::Env env, std::shared_ptr<T> thing) {
    // Where a worker_thread is being ended none can be made, at any moment.
    auto kept = std::make_unique<Kept>(std::move(thing));
    const External handle = External::New(env, kept.get(), [](Napi::Env, const Kept* kept) { delete kept; });
    kept.release();
    return handle;
  }

  static std::shared_ptr<T> get(const Napi::Value& handle) { return *handle.As<External>().Data(); }

  // Nothing the second time.
  static std::shared_ptr<T> take(const Napi::Value& handle) {
    return std::exchange(*handle.As<External>().Data(), nullptr);
  }

 private:
  using Kept = std::shared_ptr<T>;
  using External = Napi::External<Kept>;
};

}  // namespace sluice
