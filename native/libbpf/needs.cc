// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/needs.h"

namespace sluice {
namespace {

// As bpf_prog_load() of the kernel has it. What is not listed needs CAP_BPF alone, or nothing.
Needs needed_besides_bpf(bpf_prog_type type) {
  switch (type) {
    case BPF_PROG_TYPE_EXT:  // it may extend any of the others
      return {"CAP_NET_ADMIN", "CAP_PERFMON"};
    case BPF_PROG_TYPE_KPROBE:
    case BPF_PROG_TYPE_TRACEPOINT:
    case BPF_PROG_TYPE_PERF_EVENT:
    case BPF_PROG_TYPE_RAW_TRACEPOINT:
    case BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
    case BPF_PROG_TYPE_TRACING:
    case BPF_PROG_TYPE_LSM:
    case BPF_PROG_TYPE_STRUCT_OPS:
      return {"CAP_PERFMON"};
    case BPF_PROG_TYPE_SCHED_CLS:
    case BPF_PROG_TYPE_SCHED_ACT:
    case BPF_PROG_TYPE_XDP:
    case BPF_PROG_TYPE_LWT_IN:
    case BPF_PROG_TYPE_LWT_OUT:
    case BPF_PROG_TYPE_LWT_XMIT:
    case BPF_PROG_TYPE_LWT_SEG6LOCAL:
    case BPF_PROG_TYPE_SK_SKB:
    case BPF_PROG_TYPE_SK_MSG:
    case BPF_PROG_TYPE_FLOW_DISSECTOR:
    case BPF_PROG_TYPE_CGROUP_DEVICE:
    case BPF_PROG_TYPE_CGROUP_SOCK:
    case BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
    case BPF_PROG_TYPE_CGROUP_SOCKOPT:
    case BPF_PROG_TYPE_CGROUP_SYSCTL:
    case BPF_PROG_TYPE_SOCK_OPS:
    case BPF_PROG_TYPE_NETFILTER:
      return {"CAP_NET_ADMIN"};
    default:
      return {};
  }
}

}  // namespace

Needs needs_of_map(bpf_map_type type) {
  switch (type) {
    case BPF_MAP_TYPE_SOCKMAP:
    case BPF_MAP_TYPE_SOCKHASH:
    case BPF_MAP_TYPE_DEVMAP:
    case BPF_MAP_TYPE_DEVMAP_HASH:
    case BPF_MAP_TYPE_XSKMAP:
      return {"CAP_BPF", "CAP_NET_ADMIN"};
    default:
      return {"CAP_BPF"};
  }
}

Needs needs_of_load(const bpf_object* object) {
  Needs all = {"CAP_BPF"};
  const bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    if (bpf_map__autocreate(map)) all.merge(needs_of_map(bpf_map__type(map)));
  }
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    if (bpf_program__autoload(program)) all.merge(needed_besides_bpf(bpf_program__type(program)));
  }
  return all;
}

Needs needs_of_attachment(bpf_prog_type type) {
  // Programs of this type load without, and are asked when they are attached.
  if (type == BPF_PROG_TYPE_CGROUP_SKB) return {"CAP_NET_ADMIN"};
  return needed_besides_bpf(type);
}

}  // namespace sluice
