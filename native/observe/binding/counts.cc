// SPDX-License-Identifier: Apache-2.0
#include "native/observe/binding/counts.h"

namespace sluice {
namespace {

#define WORD(name, word) word,
const char* const kRereadReasons[] = {SLUICE_REREAD_REASONS(WORD)};
const char* const kSwitchReasons[] = {"", SLUICE_SWITCH_REASONS(WORD)};
#undef WORD

template <size_t N>
Napi::Object counts_by(Napi::Env env, const char* const (&reasons)[N],
                       const std::array<std::atomic<uint64_t>, N>& counts) {
  Napi::Object to = Napi::Object::New(env);
  for (size_t i = 0; i < N; ++i)
    if (*reasons[i] != '\0') to.Set(reasons[i], static_cast<double>(counts[i].load(std::memory_order_relaxed)));
  return to;
}

}  // namespace

const char* reason_of(const Report& report) {
  return report.origin == Origin::reread ? kRereadReasons[report.reason] : kSwitchReasons[report.reason];
}

Napi::Object counts_to(Napi::Env env, const ObserveCounts& from) {
  Napi::Object to = Napi::Object::New(env);
  const auto set = [&](const char* name, const std::atomic<uint64_t>& count) {
    to.Set(name, static_cast<double>(count.load(std::memory_order_relaxed)));
  };
  set("events", from.events);
  set("inside", from.inside);
  set("values", from.values);
  set("lost", from.lost);
  set("bytesRead", from.bytes_read);
  set("bytesFollowed", from.bytes_followed);
  set("followed", from.followed);
  set("busy", from.busy);
  set("changed", from.changed);
  set("waiting", from.waiting);
  set("cpuNs", from.cpu_ns);
  to.Set("rereads", counts_by(env, kRereadReasons, from.rereads));
  to.Set("switched", counts_by(env, kSwitchReasons, from.switched));
  return to;
}

}  // namespace sluice
