// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/program.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "native/libbpf/names.h"
#include "native/libbpf/object.h"
#include "native/libbpf/refusal.h"

namespace sluice {

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
  const std::string from = info[0].As<Napi::String>();
  if (from == "object") {
    BpfObject* object = BpfObject::of(info[1]);
    name_ = info[2].As<Napi::String>();
    in_object_ = object->find_program(env, name_);
    const int fd = bpf_program__fd(in_object_);
    if (fd < 0) throw refusal(env, what("use"), ENOENT, "its autoload is off\n");
    open_in(object->opened(env), fd);
  } else if (from == "pinned") {
    open_pinned(info[1].As<Napi::String>());
  } else {
    open_by_id(info[1].As<Napi::Number>(), bpf_prog_get_fd_by_id);
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
  const auto given = info[0].As<Napi::Object>();
  const auto number = [&given](const char* key) { return given.Get(key).As<Napi::Number>().Uint32Value(); };
  LIBBPF_OPTS(bpf_test_run_opts, options, .repeat = static_cast<int>(number("repeat")), .flags = number("flags"),
              .cpu = number("cpu"));

  // A SYSCALL program's context is written back to where it came from, so it gets a copy of its own.
  std::vector<uint8_t> context, context_out(number("contextSizeOut")), data_out(number("dataSizeOut"));
  if (given.Get("context").IsTypedArray()) {
    const auto from = given.Get("context").As<Napi::Uint8Array>();
    context.assign(from.Data(), from.Data() + from.ByteLength());
    options.ctx_in = context.data();
    options.ctx_size_in = context.size();
  }
  if (!context_out.empty()) {
    options.ctx_out = context_out.data();
    options.ctx_size_out = context_out.size();
  }
  if (given.Get("data").IsTypedArray()) {
    const auto data = given.Get("data").As<Napi::Uint8Array>();
    options.data_in = data.Data();
    options.data_size_in = data.ByteLength();
  }
  if (!data_out.empty()) {
    options.data_out = data_out.data();
    options.data_size_out = data_out.size();
  }

  if (bpf_prog_test_run_opts(fd(env), &options) != 0) throw refusal(env, what("run"), errno);
  Napi::Object to = Napi::Object::New(env);
  to.Set("result", options.retval);
  to.Set("durationNs", options.duration);
  // What comes back may be less than there was room for.
  const auto written = [env](const std::vector<uint8_t>& room, size_t size) {
    return Napi::Buffer<uint8_t>::Copy(env, room.data(), std::min(size, room.size()));
  };
  if (type_ == BPF_PROG_TYPE_SYSCALL && options.ctx_in) to.Set("context", written(context, context.size()));
  if (!context_out.empty()) to.Set("context", written(context_out, options.ctx_size_out));
  if (!data_out.empty()) to.Set("data", written(data_out, options.data_size_out));
  return to;
}

void BpfProgram::close(const Napi::CallbackInfo&) {
  in_object_ = nullptr;
  release();
}

}  // namespace sluice
