// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/buffers/ring_buffer.h"

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

void RingBuffer::register_class(Napi::Env env, Napi::Object exports) {
  exports.Set("RingBuffer", DefineClass(env, "RingBuffer",
                                        {
                                            InstanceMethod("consume", &RingBuffer::consume),
                                            InstanceMethod("wait", &RingBuffer::wait),
                                            InstanceMethod("available", &RingBuffer::available),
                                            InstanceMethod("close", &RingBuffer::close),
                                        }));
}

// new RingBuffer(map)
RingBuffer::RingBuffer(const Napi::CallbackInfo& info) : Napi::ObjectWrap<RingBuffer>(info) {
  Napi::Env env = info.Env();
  const BpfMap* map = BpfMap::of(info[0], "The map");
  const std::string action = "read the ring buffer " + map->name();
  expect_room(env, action);
  map_.reset(fcntl(map->fd(env), F_DUPFD_CLOEXEC, 0));
  LogScope log(env);
  buffer_ = ring_buffer__new(
      map_.get(),
      [](void* context, void* data, size_t size) {
        auto* self = static_cast<RingBuffer*>(context);
        const auto* from = static_cast<uint8_t*>(data);
        self->bytes_.insert(self->bytes_.end(), from, from + size);
        self->lengths_.push_back(size);
        return 0;
      },
      this, nullptr);
  const int error = errno;
  if (!buffer_) throw refusal(env, action, error, log.warnings());
  readiness_ = std::make_unique<Readiness>(ring_buffer__epoll_fd(buffer_), EPOLLIN);
}

RingBuffer::~RingBuffer() { release(); }

void RingBuffer::release() {
  readiness_.reset();
  ring_buffer__free(buffer_);
  buffer_ = nullptr;
  map_.reset();
}

ring_buffer* RingBuffer::opened(Napi::Env env) const {
  if (!buffer_) throw closed(env, "The ring buffer");
  return buffer_;
}

// consume(limit): {bytes, lengths}, the records that are there, one after the other.
Napi::Value RingBuffer::consume(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  ring_buffer* buffer = opened(env);
  bytes_.clear();
  lengths_.clear();
  const int count = ring_buffer__consume_n(buffer, word_of(info[0], "The limit"));
  if (count < 0) throw refusal(env, "read the ring buffer", -count);
  Napi::Object to = Napi::Object::New(env);
  auto lengths = Napi::Uint32Array::New(env, lengths_.size());
  std::copy(lengths_.begin(), lengths_.end(), lengths.Data());
  to.Set("bytes", Napi::Buffer<uint8_t>::Copy(env, bytes_.data(), bytes_.size()));
  to.Set("lengths", lengths);
  return to;
}

Napi::Value RingBuffer::wait(const Napi::CallbackInfo& info) {
  opened(info.Env());
  return result_to(info.Env(), readiness_->wait(info.Env(), function_of(info[0], "What is called then")));
}

// available(): bytes not yet read, headers included.
Napi::Value RingBuffer::available(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), ring__avail_data_size(ring_buffer__ring(opened(info.Env()), 0)));
}

void RingBuffer::close(const Napi::CallbackInfo&) { release(); }

}  // namespace sluice
