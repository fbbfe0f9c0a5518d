// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/buffers/perf_buffer.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>

#include "native/libbpf/arguments.h"
#include "native/libbpf/map.h"
#include "native/libbpf/refusal.h"
#include "native/libbpf/room.h"
#include "native/runtime/failure_binding.h"

namespace sluice {

void PerfBuffer::register_class(Napi::Env env, Napi::Object exports) {
  exports.Set("PerfBuffer", DefineClass(env, "PerfBuffer",
                                        {
                                            InstanceMethod("consume", &PerfBuffer::consume),
                                            InstanceMethod("wait", &PerfBuffer::wait),
                                            InstanceMethod("close", &PerfBuffer::close),
                                        }));
}

// new PerfBuffer(map, pagesPerCpu)
PerfBuffer::PerfBuffer(const Napi::CallbackInfo& info) : Napi::ObjectWrap<PerfBuffer>(info) {
  Napi::Env env = info.Env();
  const uint32_t pages = word_of(info[1], "pagesPerCpu");
  const BpfMap* map = BpfMap::of(info[0], "The map");
  const std::string action = "read the perf buffer " + map->name();
  expect_room(env, action);
  map_.reset(fcntl(map->fd(env), F_DUPFD_CLOEXEC, 0));
  LogScope log(env);
  buffer_ = perf_buffer__new(
      map_.get(), pages,
      [](void* context, int cpu, void* data, uint32_t size) {
        auto* self = static_cast<PerfBuffer*>(context);
        const auto* from = static_cast<uint8_t*>(data);
        self->bytes_.insert(self->bytes_.end(), from, from + size);
        self->lengths_.push_back(size);
        self->cpus_.push_back(cpu);
      },
      [](void* context, int, unsigned long long count) { static_cast<PerfBuffer*>(context)->lost_ += count; }, this,
      nullptr);
  const int error = errno;
  if (!buffer_) throw refusal(env, action, error, log.warnings());
  readiness_ = std::make_unique<Readiness>(perf_buffer__epoll_fd(buffer_), EPOLLIN);
}

PerfBuffer::~PerfBuffer() { release(); }

void PerfBuffer::release() {
  readiness_.reset();
  perf_buffer__free(buffer_);
  buffer_ = nullptr;
  map_.reset();
}

perf_buffer* PerfBuffer::opened(Napi::Env env) const {
  if (!buffer_) throw closed(env, "The perf buffer");
  return buffer_;
}

// consume(): {bytes, lengths, cpus, lost}; `lost` counts from the beginning.
Napi::Value PerfBuffer::consume(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  perf_buffer* buffer = opened(env);
  bytes_.clear();
  lengths_.clear();
  cpus_.clear();
  const int error = perf_buffer__consume(buffer);
  if (error < 0) throw refusal(env, "read the perf buffer", -error);
  Napi::Object to = Napi::Object::New(env);
  const auto numbers = [env](const std::vector<uint32_t>& from) {
    auto array = Napi::Uint32Array::New(env, from.size());
    std::copy(from.begin(), from.end(), array.Data());
    return array;
  };
  to.Set("bytes", Napi::Buffer<uint8_t>::Copy(env, bytes_.data(), bytes_.size()));
  to.Set("lengths", numbers(lengths_));
  to.Set("cpus", numbers(cpus_));
  to.Set("lost", Napi::BigInt::New(env, lost_));
  return to;
}

Napi::Value PerfBuffer::wait(const Napi::CallbackInfo& info) {
  opened(info.Env());
  return result_to(info.Env(), readiness_->wait(info.Env(), function_of(info[0], "What is called then")));
}

void PerfBuffer::close(const Napi::CallbackInfo&) { release(); }

}  // namespace sluice
