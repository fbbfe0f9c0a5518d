// SPDX-License-Identifier: Apache-2.0
#include "native/probe/probe.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>

#include <cerrno>
#include <fstream>
#include <map>
#include <memory>

#include "native/runtime/unique_fd.h"

namespace sluice {
namespace {

struct ProgramType {
  bpf_prog_type type;
  uint32_t flags = 0;
  bpf_attach_type attach = {};
  const char* function = nullptr;  // the kernel function that a program of this type must name
};

const std::map<std::string, ProgramType>& program_types() {
  static const std::map<std::string, ProgramType> types = {
      {"socket_filter", {BPF_PROG_TYPE_SOCKET_FILTER}},
      {"kprobe", {BPF_PROG_TYPE_KPROBE}},
      {"tracepoint", {BPF_PROG_TYPE_TRACEPOINT}},
      {"raw_tracepoint", {BPF_PROG_TYPE_RAW_TRACEPOINT}},
      {"perf_event", {BPF_PROG_TYPE_PERF_EVENT}},
      {"syscall", {BPF_PROG_TYPE_SYSCALL, BPF_F_SLEEPABLE}},
      {"tracing", {BPF_PROG_TYPE_TRACING, 0, BPF_TRACE_FENTRY, "__fput"}},
      {"lsm", {BPF_PROG_TYPE_LSM, 0, BPF_LSM_MAC, "bpf_lsm_file_open"}},
      {"xdp", {BPF_PROG_TYPE_XDP}},
      {"sched_cls", {BPF_PROG_TYPE_SCHED_CLS}},
      {"cgroup_skb", {BPF_PROG_TYPE_CGROUP_SKB}},
      {"sk_skb", {BPF_PROG_TYPE_SK_SKB}},
      {"sk_msg", {BPF_PROG_TYPE_SK_MSG}},
  };
  return types;
}

// The kernel's own types, loaded when first asked for: that takes some 15 ms.
class KernelTypes {
 public:
  int function_id(const char* name) {
    if (!types_) types_.reset(btf__load_vmlinux_btf());
    return types_ ? btf__find_by_name_kind(types_.get(), name, BTF_KIND_FUNC) : -errno;
  }

 private:
  struct Free {
    void operator()(btf* types) const { btf__free(types); }
  };
  std::unique_ptr<btf, Free> types_;
};

// A descriptor, or -errno. The program returns 0 and does nothing else.
int load_empty(const ProgramType& type, KernelTypes& types) {
  const bpf_insn instructions[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
  };
  LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = type.attach, .prog_flags = type.flags);
  if (type.function) {
    const int id = types.function_id(type.function);
    if (id < 0) return id;
    options.attach_btf_id = static_cast<uint32_t>(id);
  }
  return bpf_prog_load(type.type, "sluice_probe", "Dual BSD/GPL", instructions, 2, &options);
}

int attach_kprobe(const std::string& function) {
  std::ifstream file("/sys/bus/event_source/devices/kprobe/type");
  uint32_t type = 0;
  if (!(file >> type)) return -ENOENT;
  perf_event_attr attributes{};
  attributes.size = sizeof(attributes);
  attributes.type = type;
  attributes.config1 = reinterpret_cast<uint64_t>(function.c_str());
  const long fd = syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
  return fd < 0 ? -errno : static_cast<int>(fd);
}

int probe_program_type(const std::string& name, KernelTypes& types) {
  const auto found = program_types().find(name);
  if (found == program_types().end()) return -EINVAL;
  const int fd = load_empty(found->second, types);
  if (fd < 0) return fd;
  close(fd);
  return 0;
}

int probe_hook(const Hook& hook, KernelTypes& types) {
  const auto& [kind, name] = hook;
  int link = -EINVAL;
  if (kind == "raw_tracepoint") {
    const UniqueFd program(load_empty({BPF_PROG_TYPE_RAW_TRACEPOINT}, types));
    link = program ? bpf_raw_tracepoint_open(name.c_str(), program.get()) : -errno;
  } else if (kind == "fentry") {
    const int loaded = load_empty({BPF_PROG_TYPE_TRACING, 0, BPF_TRACE_FENTRY, name.c_str()}, types);
    const UniqueFd program(loaded);
    link = program ? bpf_raw_tracepoint_open(nullptr, program.get()) : loaded;
  } else if (kind == "kprobe") {
    link = attach_kprobe(name);
  }
  if (link < 0) return link;
  close(link);
  return 0;
}

}  // namespace

std::vector<int> probe_program_types(const std::vector<std::string>& names) {
  KernelTypes types;
  std::vector<int> results;
  for (const auto& name : names) results.push_back(probe_program_type(name, types));
  return results;
}

Needs needs_of_program_type(const std::string& name) {
  Needs needs = {"CAP_BPF"};
  const auto found = program_types().find(name);
  if (found != program_types().end()) needs.merge(needs_of_attachment(found->second.type));
  return needs;
}

std::vector<int> probe_hooks(const std::vector<Hook>& hooks) {
  KernelTypes types;
  std::vector<int> results;
  for (const auto& hook : hooks) results.push_back(probe_hook(hook, types));
  return results;
}

}  // namespace sluice
