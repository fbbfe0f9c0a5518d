// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <memory>

namespace sluice {

// Lets JavaScript wait for a descriptor. While it waits the process stays alive. Used on the environment's thread only.
class Readiness {
 public:
  Readiness(Napi::Env env, int fd, uint32_t events);
  ~Readiness();
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  // Calls `ready` once. One wait at a time.
  void wait(Napi::Env env, Napi::Function ready);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace sluice
