// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <cstdint>
#include <optional>

#include "native/runtime/environment.h"
#include "native/runtime/poller.h"

namespace sluice {

// Lets JavaScript wait for a descriptor. While it waits the process stays alive. Used on the environment's thread only.
class Readiness {
 public:
  Readiness(int fd, uint32_t events) : fd_(fd), events_(events) {}
  ~Readiness();
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  // Calls `ready` once. One wait at a time.
  Result<> wait(Napi::Env env, Napi::Function ready);

 private:
  struct Waiting {
    Napi::Env env;
    Ticket ticket;
    Poller::Id watch;
  };

  const int fd_;
  const uint32_t events_;
  std::optional<Waiting> waiting_;
};

}  // namespace sluice
