// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/buffers/user_ring_buffer.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "native/libbpf/arguments.h"
#include "native/libbpf/map.h"
#include "native/libbpf/refusal.h"
#include "native/libbpf/room.h"
#include "native/runtime/failure_binding.h"

namespace sluice {

void UserRingBuffer::register_class(Napi::Env env, Napi::Object exports) {
  exports.Set("UserRingBuffer", DefineClass(env, "UserRingBuffer",
                                            {
                                                InstanceMethod("write", &UserRingBuffer::write),
                                                InstanceMethod("used", &UserRingBuffer::used),
                                                InstanceMethod("wait", &UserRingBuffer::wait),
                                                InstanceMethod("close", &UserRingBuffer::close),
                                            }));
}

// new UserRingBuffer(map)
UserRingBuffer::UserRingBuffer(const Napi::CallbackInfo& info) : Napi::ObjectWrap<UserRingBuffer>(info) {
  Napi::Env env = info.Env();
  const BpfMap* map = BpfMap::of(info[0], "The map");
  const std::string action = "write to the ring buffer " + map->name();
  expect_room(env, action);
  map_.reset(fcntl(map->fd(env), F_DUPFD_CLOEXEC, 0));
  LogScope log(env);
  buffer_ = user_ring_buffer__new(map_.get(), nullptr);
  int error = errno;
  if (!buffer_) throw refusal(env, action, error, log.warnings());
  if (!map_positions()) {
    error = errno;
    release();
    throw refusal(env, "map the ring buffer " + map->name(), error);
  }
  readiness_ = std::make_unique<Readiness>(map_.get(), EPOLLOUT);
}

UserRingBuffer::~UserRingBuffer() { release(); }

// The kernel's layout: one page with the consumer's position, which is read-only for us, then one with the producer's.
bool UserRingBuffer::map_positions() {
  const size_t page = sysconf(_SC_PAGESIZE);
  void* start = mmap(nullptr, 2 * page, PROT_READ, MAP_SHARED, map_.get(), 0);
  if (start == MAP_FAILED) return false;
  consumed_ = static_cast<uint64_t*>(start);
  produced_ = consumed_ + page / sizeof(uint64_t);
  return true;
}

void UserRingBuffer::release() {
  readiness_.reset();
  if (consumed_) munmap(consumed_, 2 * sysconf(_SC_PAGESIZE));
  consumed_ = produced_ = nullptr;
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
  const auto record = bytes_of(info[0], "The record");
  void* room = user_ring_buffer__reserve(buffer, record.size());
  if (!room && errno == ENOSPC) return Napi::Boolean::New(env, false);
  if (!room) throw refusal(env, "write to the ring buffer", errno);
  std::ranges::copy(record, static_cast<uint8_t*>(room));
  user_ring_buffer__submit(buffer, room);
  return Napi::Boolean::New(env, true);
}

// used(): bytes not yet drained, headers included. libbpf tells only whether a write succeeds.
Napi::Value UserRingBuffer::used(const Napi::CallbackInfo& info) {
  opened(info.Env());
  const uint64_t consumed = std::atomic_ref(*consumed_).load(std::memory_order_acquire);
  const uint64_t produced = std::atomic_ref(*produced_).load(std::memory_order_acquire);
  return Napi::Number::New(info.Env(), static_cast<double>(produced - consumed));
}

Napi::Value UserRingBuffer::wait(const Napi::CallbackInfo& info) {
  opened(info.Env());
  return result_to(info.Env(), readiness_->wait(info.Env(), function_of(info[0], "What is called then")));
}

void UserRingBuffer::close(const Napi::CallbackInfo&) { release(); }

}  // namespace sluice
