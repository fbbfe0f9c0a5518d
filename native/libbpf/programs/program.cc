// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/programs/program.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <vector>

#include "native/libbpf/arguments.h"
#include "native/libbpf/names.h"
#include "native/libbpf/object.h"
#include "native/libbpf/refusal.h"

namespace sluice {
namespace {

// Zeros that take memory only as they are written to: a caller may ask for 4 GiB, of which the kernel fills a packet.
class Room {
 public:
  explicit Room(size_t size) : start_(size > 0 ? static_cast<uint8_t*>(calloc(size, 1)) : nullptr), size_(size) {}
  ~Room() { free(start_); }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  explicit operator bool() const { return start_ || size_ == 0; }
  uint8_t* start() const { return start_; }
  size_t size() const { return size_; }

 private:
  uint8_t* start_;
  size_t size_;
};

}  // namespace

void BpfProgram::register_class(Napi::Env env, Napi::Object exports) {
  exports.Set("BpfProgram", DefineClass(env, "BpfProgram",
                                        {
                                            InstanceMethod("info", &BpfProgram::info),
                                            InstanceMethod("run", &BpfProgram::run),
                                            InstanceMethod("pin", &BpfProgram::pin),
                                            InstanceMethod("close", &BpfProgram::close),
                                        }));
}

// new BpfProgram('object', object, name), ('pinned', path), ('id', number)
BpfProgram::BpfProgram(const Napi::CallbackInfo& info) : Wrapped(info), KernelHandle("program") {
  Napi::Env env = info.Env();
  const std::string from = text_of(info[0], "The source of a program");
  if (from == "object") {
    BpfObject* object = BpfObject::of(info[1], "The object");
    name_ = text_of(info[2], "The name of the program");
    in_object_ = object->find_program(env, name_);
    const int fd = bpf_program__fd(in_object_);
    if (fd < 0) throw refusal(env, what("use"), ENOENT, "its autoload is off\n");
    open_in(object->opened(env), fd);
  } else if (from == "pinned") {
    open_pinned(text_of(info[1], "The path"));
  } else {
    open_by_id(word_of(info[1], "The id of a program"), bpf_prog_get_fd_by_id);
  }
  if (!fd_) throw refusal(env, what("open"), errno, {}, needs_);

  bpf_prog_info described{};
  uint32_t size = sizeof(described);
  if (bpf_prog_get_info_by_fd(fd_.get(), &described, &size) != 0) throw refusal(env, what("describe"), errno);
  type_ = static_cast<bpf_prog_type>(described.type);
  // The kernel keeps 15 characters of a name.
  if (!in_object_) name_ = described.name;
}

Napi::Value BpfProgram::info(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  bpf_prog_info described{};
  uint32_t size = sizeof(described);
  if (bpf_prog_get_info_by_fd(fd(env), &described, &size) != 0) throw refusal(env, what("describe"), errno);
  Napi::Object to = Napi::Object::New(env);
  to.Set("fd", fd_.get());
  to.Set("id", described.id);
  to.Set("name", name_);
  to.Set("type", name_or_number(libbpf_bpf_prog_type_str(type_), described.type));
  char tag[2 * BPF_TAG_SIZE + 1];
  for (int i = 0; i < BPF_TAG_SIZE; ++i) snprintf(tag + 2 * i, 3, "%02x", described.tag[i]);
  to.Set("tag", tag);
  to.Set("jitedBytes", described.jited_prog_len);
  to.Set("translatedBytes", described.xlated_prog_len);
  to.Set("verifiedInstructions", described.verified_insns);
  to.Set("runTimeNs", Napi::BigInt::New(env, static_cast<uint64_t>(described.run_time_ns)));
  to.Set("runCount", Napi::BigInt::New(env, static_cast<uint64_t>(described.run_cnt)));
  to.Set("recursionMisses", Napi::BigInt::New(env, static_cast<uint64_t>(described.recursion_misses)));
  return to;
}

// run({context?, contextSizeOut, data?, dataSizeOut, repeat, cpu?, flags}): {result, durationNs, context?, data?}
Napi::Value BpfProgram::run(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const Napi::Object given = object_of(info[0], "What a program is run with");
  const auto number = [&given](const char* key) { return word_of(member_of(given, key), key); };
  const auto bytes = [&given](const char* key) {
    const Napi::Value value = member_of(given, key);
    return value.IsUndefined() ? std::span<const uint8_t>() : bytes_of(value, key);
  };
  LIBBPF_OPTS(bpf_test_run_opts, options, .repeat = static_cast<int>(number("repeat")), .flags = number("flags"),
              .cpu = number("cpu"));

  // A SYSCALL program's context is written back to where it came from, so it gets a copy of its own.
  const std::span<const uint8_t> from = bytes("context"), data = bytes("data");
  std::vector<uint8_t> context(from.begin(), from.end());
  if (!member_of(given, "context").IsUndefined()) {
    options.ctx_in = context.data();
    options.ctx_size_in = context.size();
  }
  options.data_in = data.data();
  options.data_size_in = data.size();
  const Room context_out(number("contextSizeOut")), data_out(number("dataSizeOut"));
  if (!context_out || !data_out) throw refusal(env, what("run"), ENOMEM);
  options.ctx_out = context_out.start();
  options.ctx_size_out = context_out.size();
  options.data_out = data_out.start();
  options.data_size_out = data_out.size();

  if (bpf_prog_test_run_opts(fd(env), &options) != 0) throw refusal(env, what("run"), errno);
  Napi::Object to = Napi::Object::New(env);
  to.Set("result", options.retval);
  to.Set("durationNs", options.duration);
  // What comes back may be less than there was room for.
  const auto written = [env](const uint8_t* room, size_t size) { return Napi::Buffer<uint8_t>::Copy(env, room, size); };
  if (type_ == BPF_PROG_TYPE_SYSCALL && options.ctx_in) to.Set("context", written(context.data(), context.size()));
  if (context_out.size() > 0) {
    to.Set("context", written(context_out.start(), std::min<size_t>(options.ctx_size_out, context_out.size())));
  }
  if (data_out.size() > 0) {
    to.Set("data", written(data_out.start(), std::min<size_t>(options.data_size_out, data_out.size())));
  }
  return to;
}

void BpfProgram::close(const Napi::CallbackInfo&) {
  in_object_ = nullptr;
  release();
}

}  // namespace sluice
