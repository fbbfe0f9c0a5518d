// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/user_ring_buffer.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>

#include "native/libbpf/map.h"
#include "native/libbpf/refusal.h"

namespace sluice {

void UserRingBuffer::register_class(Napi::Env env, Napi::Object exports) {
  exports.Set("UserRingBuffer", DefineClass(env, "UserRingBuffer",
                                            {
                                                InstanceMethod("write", &UserRingBuffer::write),
                                                InstanceMethod("wait", &UserRingBuffer::wait),
                                                InstanceMethod("close", &UserRingBuffer::close),
                                            }));
}

// new UserRingBuffer(map)
UserRingBuffer::UserRingBuffer(const Napi::CallbackInfo& info) : Napi::ObjectWrap<UserRingBuffer>(info) {
  Napi::Env env = info.Env();
  const BpfMap* map = BpfMap::of(info[0]);
  map_.reset(fcntl(map->fd(env), F_DUPFD_CLOEXEC, 0));
  LogScope log(env);
  buffer_ = user_ring_buffer__new(map_.get(), nullptr);
  const int error = errno;
  if (!buffer_) throw refusal(env, "write to the ring buffer " + map->name(), error, log.warnings());
  readiness_ = std::make_unique<Readiness>(env, map_.get(), EPOLLOUT);
}

UserRingBuffer::~UserRingBuffer() { release(); }

void UserRingBuffer::release() {
  readiness_.reset();
  user_ring_buffer__free(buffer_);
  buffer_ = nullptr;
  map_.reset();
}

user_ring_buffer* UserRingBuffer::opened(Napi::Env env) const {
  if (!buffer_) throw closed(env, "The ring buffer");
  return buffer_;
}

// write(record): false when there is no room for it.
Napi::Value UserRingBuffer::write(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  user_ring_buffer* buffer = opened(env);
  const auto record = info[0].As<Napi::Uint8Array>();
  void* room = user_ring_buffer__reserve(buffer, record.ByteLength());
  if (!room && errno == ENOSPC) return Napi::Boolean::New(env, false);
  if (!room) throw refusal(env, "write to the ring buffer", errno);
  std::copy_n(record.Data(), record.ByteLength(), static_cast<uint8_t*>(room));
  user_ring_buffer__submit(buffer, room);
  return Napi::Boolean::New(env, true);
}

void UserRingBuffer::wait(const Napi::CallbackInfo& info) {
  opened(info.Env());
  readiness_->wait(info.Env(), info[0].As<Napi::Function>());
}

void UserRingBuffer::close(const Napi::CallbackInfo&) { release(); }

}  // namespace sluice
