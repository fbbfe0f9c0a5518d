// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/programs/statistics.h"

#include <bpf/bpf.h>

#include <cerrno>

#include "native/libbpf/refusal.h"

namespace sluice {

void Statistics::register_class(Napi::Env env, Napi::Object exports) {
  exports.Set("Statistics", DefineClass(env, "Statistics", {InstanceMethod("close", &Statistics::close)}));
}

// new Statistics()
Statistics::Statistics(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<Statistics>(info), fd_(bpf_enable_stats(BPF_STATS_RUN_TIME)) {
  if (!fd_) throw refusal(info.Env(), "enable the statistics of programs", errno, {}, {"CAP_SYS_ADMIN"});
}

void Statistics::close(const Napi::CallbackInfo&) { fd_.reset(); }

}  // namespace sluice
