// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/programs/attach.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <unordered_map>

#include "native/libbpf/arguments.h"
#include "native/libbpf/programs/attach_tc.h"
#include "native/runtime/unique_fd.h"

namespace sluice {
namespace {

// The options of one attachment. lib/libbpf/link/ gives every one of them its type and its default.
class Options {
 public:
  explicit Options(const Napi::Object& from) : from_(from) {}

  std::string text(const char* key) const { return text_of(member_of(from_, key), key); }
  int64_t number(const char* key) const { return integer_of(member_of(from_, key), key); }
  bool flag(const char* key) const { return flag_of(member_of(from_, key), key); }
  uint64_t word(const char* key) const { return bigint_of(member_of(from_, key), key); }
  std::vector<std::string> texts(const char* key) const {
    const Napi::Value given = member_of(from_, key);
    if (!given.IsArray()) throw misuse(given, key, "an array");
    const auto list = given.As<Napi::Array>();
    std::vector<std::string> all;
    for (uint32_t i = 0; i < list.Length(); ++i) all.push_back(text_of(list.Get(i), key));
    return all;
  }

 private:
  const Napi::Object& from_;
};

Attachment kprobe(bpf_program* program, const Options& options) {
  LIBBPF_OPTS(bpf_kprobe_opts, how, .bpf_cookie = options.word("cookie"),
              .offset = static_cast<size_t>(options.number("offset")), .retprobe = options.flag("return"));
  return {bpf_program__attach_kprobe_opts(program, options.text("function").c_str(), &how), nullptr};
}

Attachment kprobe_multi(bpf_program* program, const Options& options) {
  const std::string pattern = options.text("pattern");
  const std::vector<std::string> functions = options.texts("functions");
  std::vector<const char*> names;
  for (const std::string& name : functions) names.push_back(name.c_str());
  LIBBPF_OPTS(bpf_kprobe_multi_opts, how, .retprobe = options.flag("return"));
  if (!names.empty()) {
    how.syms = names.data();
    how.cnt = names.size();
  }
  return {bpf_program__attach_kprobe_multi_opts(program, pattern.empty() ? nullptr : pattern.c_str(), &how), nullptr};
}

Attachment raw_tracepoint(bpf_program* program, const Options& options) {
  LIBBPF_OPTS(bpf_raw_tracepoint_opts, how, .cookie = options.word("cookie"));
  return {bpf_program__attach_raw_tracepoint_opts(program, options.text("name").c_str(), &how), nullptr};
}

Attachment tracepoint(bpf_program* program, const Options& options) {
  LIBBPF_OPTS(bpf_tracepoint_opts, how, .bpf_cookie = options.word("cookie"));
  return {bpf_program__attach_tracepoint_opts(program, options.text("category").c_str(), options.text("name").c_str(),
                                              &how),
          nullptr};
}

Attachment perf_event(bpf_program* program, const Options& options) {
  perf_event_attr attributes{};
  attributes.size = sizeof(attributes);
  attributes.type = options.number("type");
  attributes.config = options.word("config");
  attributes.freq = options.flag("frequency");
  attributes.sample_period = options.word("period");
  UniqueFd event(syscall(SYS_perf_event_open, &attributes, options.number("pid"), options.number("cpu"), -1,
                         PERF_FLAG_FD_CLOEXEC));
  if (!event) return {};
  LIBBPF_OPTS(bpf_perf_event_opts, how, .bpf_cookie = options.word("cookie"));
  bpf_link* link = bpf_program__attach_perf_event_opts(program, event.get(), &how);
  if (link) event.release();  // the link closes it
  return {link, nullptr};
}

Attachment uprobe(bpf_program* program, const Options& options) {
  const std::string function = options.text("function");
  LIBBPF_OPTS(bpf_uprobe_opts, how, .bpf_cookie = options.word("cookie"), .retprobe = options.flag("return"));
  if (!function.empty()) how.func_name = function.c_str();
  return {bpf_program__attach_uprobe_opts(program, options.number("pid"), options.text("path").c_str(),
                                          options.number("offset"), &how),
          nullptr};
}

Attachment usdt(bpf_program* program, const Options& options) {
  LIBBPF_OPTS(bpf_usdt_opts, how, .usdt_cookie = options.word("cookie"));
  return {bpf_program__attach_usdt(program, options.number("pid"), options.text("path").c_str(),
                                   options.text("provider").c_str(), options.text("name").c_str(), &how),
          nullptr};
}

Attachment tracing(bpf_program* program, const Options& options) {
  LIBBPF_OPTS(bpf_trace_opts, how, .cookie = options.word("cookie"));
  return {bpf_program__attach_trace_opts(program, &how), nullptr};
}

Attachment lsm(bpf_program* program, const Options&) { return {bpf_program__attach_lsm(program), nullptr}; }

Attachment iterator(bpf_program* program, const Options& options) {
  bpf_iter_link_info target{};
  LIBBPF_OPTS(bpf_iter_attach_opts, how);
  if (options.number("map") >= 0) {
    target.map.map_fd = options.number("map");
    how.link_info = &target;
    how.link_info_len = sizeof(target);
  }
  return {bpf_program__attach_iter(program, &how), nullptr};
}

Attachment cgroup(bpf_program* program, const Options& options) {
  const UniqueFd group(open(options.text("path").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!group) return {};
  return {bpf_program__attach_cgroup(program, group.get()), nullptr};
}

// Links for sockmaps are there since 6.13 only; this works since 4.14. The program holds the map, not the other way
// round, so the attachment keeps both open until it is detached.
Attachment sockmap(bpf_program* program, const Options& options) {
  const auto map = std::make_shared<UniqueFd>(fcntl(options.number("map"), F_DUPFD_CLOEXEC, 0));
  const auto self = std::make_shared<UniqueFd>(fcntl(bpf_program__fd(program), F_DUPFD_CLOEXEC, 0));
  const bpf_attach_type type = bpf_program__expected_attach_type(program);
  if (!*map || !*self || bpf_prog_attach(self->get(), map->get(), type, 0) != 0) return {};
  return {nullptr, [map, self, type] { return bpf_prog_detach2(self->get(), map->get(), type); }};
}

Attachment xdp(bpf_program* program, const Options& options) {
  return {bpf_program__attach_xdp(program, options.number("interface")), nullptr};
}

Attachment tc(bpf_program* program, const Options& options) { return attach_tc(program, options.number("interface")); }

const std::unordered_map<std::string, Attachment (*)(bpf_program*, const Options&)> kinds = {
    {"kprobe", kprobe},
    {"kprobeMulti", kprobe_multi},
    {"rawTracepoint", raw_tracepoint},
    {"tracepoint", tracepoint},
    {"perfEvent", perf_event},
    {"uprobe", uprobe},
    {"usdt", usdt},
    {"tracing", tracing},
    {"lsm", lsm},
    {"iterator", iterator},
    {"cgroup", cgroup},
    {"sockmap", sockmap},
    {"xdp", xdp},
    {"tc", tc},
};

}  // namespace

Attachment attach(const std::string& kind, bpf_program* program, const Napi::Object& options) {
  const auto found = kinds.find(kind);
  return found == kinds.end() ? (errno = EINVAL, Attachment{}) : found->second(program, Options(options));
}

}  // namespace sluice
