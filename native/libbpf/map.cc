// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/map.h"

#include <bpf/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "native/libbpf/arguments.h"
#include "native/libbpf/names.h"
#include "native/libbpf/object.h"
#include "native/libbpf/refusal.h"
#include "native/libbpf/room.h"

namespace sluice {
namespace {

bool per_cpu(bpf_map_type type) {
  return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_ARRAY ||
         type == BPF_MAP_TYPE_LRU_PERCPU_HASH || type == BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE;
}

size_t round_up(size_t size, size_t to) { return (size + to - 1) / to * to; }

}  // namespace

void BpfMap::register_class(Napi::Env env, Napi::Object exports) {
  exports.Set("BpfMap", DefineClass(env, "BpfMap",
                                    {
                                        InstanceMethod("info", &BpfMap::info),
                                        InstanceMethod("lookup", &BpfMap::lookup),
                                        InstanceMethod("lookupAndDelete", &BpfMap::lookup_and_delete),
                                        InstanceMethod("contains", &BpfMap::contains),
                                        InstanceMethod("update", &BpfMap::update),
                                        InstanceMethod("delete", &BpfMap::remove),
                                        InstanceMethod("nextKey", &BpfMap::next_key),
                                        InstanceMethod("lookupBatch", &BpfMap::lookup_batch),
                                        InstanceMethod("updateBatch", &BpfMap::update_batch),
                                        InstanceMethod("deleteBatch", &BpfMap::delete_batch),
                                        InstanceMethod("freeze", &BpfMap::freeze),
                                        InstanceMethod("pin", &BpfMap::pin),
                                        InstanceMethod("memory", &BpfMap::memory),
                                        InstanceMethod("close", &BpfMap::close),
                                    }));
}

// new BpfMap('object', object, name), ('create', options), ('pinned', path), ('id', number)
BpfMap::BpfMap(const Napi::CallbackInfo& info) : Wrapped(info), KernelHandle("map") {
  Napi::Env env = info.Env();
  const std::string from = text_of(info[0], "The source of a map");
  if (from == "object") {
    BpfObject* object = BpfObject::of(info[1], "The object");
    name_ = text_of(info[2], "The name of the map");
    in_object_ = object->find_map(env, name_);
    open_in(object->opened(env), bpf_map__fd(in_object_));
  } else if (from == "create") {
    create(env, object_of(info[1], "What a map is made from"));
  } else if (from == "pinned") {
    open_pinned(text_of(info[1], "The path"));
  } else {
    open_by_id(word_of(info[1], "The id of a map"), bpf_map_get_fd_by_id);
  }
  if (!fd_) throw refusal(env, what("open"), errno, {}, needs_);

  bpf_map_info described{};
  uint32_t size = sizeof(described);
  if (bpf_map_get_info_by_fd(fd_.get(), &described, &size) != 0) throw refusal(env, what("describe"), errno);
  name_ = described.name;
  type_ = static_cast<bpf_map_type>(described.type);
  key_size_ = described.key_size;
  entries_ = described.max_entries;
  value_size_ = described.value_size;
  if (per_cpu(type_)) value_size_ = round_up(value_size_, 8) * libbpf_num_possible_cpus();
}

// {type, name, keySize, valueSize, maxEntries, flags, extra, inner?: BpfMap}
void BpfMap::create(Napi::Env env, const Napi::Object& options) {
  const auto number = [&options](const char* key) { return word_of(member_of(options, key), key); };
  name_ = text_of(member_of(options, "name"), "The name of the map");
  const std::string type = text_of(member_of(options, "type"), "The type of the map");
  const int type_number = number_of(libbpf_bpf_map_type_str, type);
  if (type_number < 0) throw refusal(env, "create a map of the type " + type, EINVAL);
  expect_room(env, what("create"));
  const Napi::Value inner = member_of(options, "inner");
  LIBBPF_OPTS(bpf_map_create_opts, create_options, .map_flags = number("flags"), .map_extra = number("extra"));
  if (!inner.IsUndefined()) create_options.inner_map_fd = of(inner, "inner")->fd(env);
  fd_.reset(bpf_map_create(static_cast<bpf_map_type>(type_number), name_.c_str(), number("keySize"),
                           number("valueSize"), number("maxEntries"), &create_options));
  if (!fd_) throw refusal(env, what("create"), errno, {}, needs_of_map(static_cast<bpf_map_type>(type_number)));
}

const uint8_t* BpfMap::bytes(const Napi::Value& value, size_t size, const char* which) const {
  const std::string name = std::string(which) + " of the map " + name_;
  const std::span<const uint8_t> given = bytes_of(value, "The " + name);
  if (given.size() != size) {
    const auto length = Napi::Number::New(value.Env(), static_cast<double>(given.size()));
    throw misuse(length, "The size in bytes of the " + name, std::to_string(size));
  }
  return given.data();
}

const uint8_t* BpfMap::key_or_none(const Napi::Value& value) const {
  return value.IsUndefined() ? nullptr : bytes(value, key_size_, "key");
}

Napi::Value BpfMap::info(const Napi::CallbackInfo& info) {
  bpf_map_info described{};
  uint32_t size = sizeof(described);
  if (bpf_map_get_info_by_fd(fd(info.Env()), &described, &size) != 0) {
    throw refusal(info.Env(), what("describe"), errno);
  }
  Napi::Object to = Napi::Object::New(info.Env());
  to.Set("fd", fd_.get());
  to.Set("id", described.id);
  to.Set("name", described.name);
  to.Set("type", name_or_number(libbpf_bpf_map_type_str(static_cast<bpf_map_type>(described.type)), described.type));
  to.Set("keySize", described.key_size);
  to.Set("valueSize", described.value_size);
  to.Set("copiedValueSize", static_cast<double>(value_size_));
  to.Set("maxEntries", described.max_entries);
  to.Set("flags", described.map_flags);
  return to;
}

// lookup(key | undefined, flags): the value, or undefined. Queues and stacks have no key.
Napi::Value BpfMap::lookup(const Napi::CallbackInfo& info) {
  const uint8_t* key = key_or_none(info[0]);
  auto value = Napi::Buffer<uint8_t>::New(info.Env(), value_size_);
  if (bpf_map_lookup_elem_flags(fd(info.Env()), key, value.Data(), word_of(info[1], "The flags")) == 0) {
    return value;
  }
  if (errno == ENOENT) return info.Env().Undefined();
  throw refusal(info.Env(), what("look up an element of"), errno);
}

Napi::Value BpfMap::lookup_and_delete(const Napi::CallbackInfo& info) {
  const uint8_t* key = key_or_none(info[0]);
  auto value = Napi::Buffer<uint8_t>::New(info.Env(), value_size_);
  if (bpf_map_lookup_and_delete_elem(fd(info.Env()), key, value.Data()) == 0) return value;
  if (errno == ENOENT) return info.Env().Undefined();
  throw refusal(info.Env(), what("take an element from"), errno);
}

// contains(value): of a bloom filter, which looks up by value.
Napi::Value BpfMap::contains(const Napi::CallbackInfo& info) {
  const uint8_t* given = bytes(info[0], value_size_, "value");
  std::vector<uint8_t> value(given, given + value_size_);
  if (bpf_map_lookup_elem(fd(info.Env()), nullptr, value.data()) == 0) return Napi::Boolean::New(info.Env(), true);
  if (errno == ENOENT) return Napi::Boolean::New(info.Env(), false);
  throw refusal(info.Env(), what("look up an element of"), errno);
}

// update(key | undefined, value, flags)
void BpfMap::update(const Napi::CallbackInfo& info) {
  const uint8_t* key = key_or_none(info[0]);
  const uint8_t* value = bytes(info[1], value_size_, "value");
  const uint64_t flags = word_of(info[2], "The flags");
  if (bpf_map_update_elem(fd(info.Env()), key, value, flags) != 0) {
    throw refusal(info.Env(), what("set an element of"), errno);
  }
}

Napi::Value BpfMap::remove(const Napi::CallbackInfo& info) {
  const uint8_t* key = key_or_none(info[0]);
  if (bpf_map_delete_elem(fd(info.Env()), key) == 0) return Napi::Boolean::New(info.Env(), true);
  if (errno == ENOENT) return Napi::Boolean::New(info.Env(), false);
  throw refusal(info.Env(), what("delete an element of"), errno);
}

// nextKey(key | undefined): the key after it, the first one, or undefined at the end.
Napi::Value BpfMap::next_key(const Napi::CallbackInfo& info) {
  const uint8_t* key = key_or_none(info[0]);
  auto next = Napi::Buffer<uint8_t>::New(info.Env(), key_size_);
  if (bpf_map_get_next_key(fd(info.Env()), key, next.Data()) == 0) return next;
  if (errno == ENOENT) return info.Env().Undefined();
  throw refusal(info.Env(), what("iterate over"), errno);
}

// lookupBatch(cursor | undefined, count, delete): {keys, values, count, cursor, last}
Napi::Value BpfMap::lookup_batch(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  // A cursor is a key of an array map, and a bucket's number of a hash map: the larger of both.
  const size_t cursor_size = std::max(key_size_, sizeof(uint32_t));
  const uint8_t* from = info[0].IsUndefined() ? nullptr : bytes(info[0], cursor_size, "cursor");
  uint32_t count = word_of(info[1], "The count");
  auto cursor = Napi::Buffer<uint8_t>::New(env, cursor_size);
  auto keys = Napi::Buffer<uint8_t>::New(env, key_size_ * count);
  auto values = Napi::Buffer<uint8_t>::New(env, value_size_ * count);
  const auto operation = flag_of(info[2], "Whether to delete") ? bpf_map_lookup_and_delete_batch : bpf_map_lookup_batch;
  const int result =
      operation(fd(env), const_cast<uint8_t*>(from), cursor.Data(), keys.Data(), values.Data(), &count, nullptr);
  const int error = errno;
  if (result != 0 && error != ENOENT) throw refusal(env, what("look up a batch of"), error);
  Napi::Object to = Napi::Object::New(env);
  to.Set("keys", keys);
  to.Set("values", values);
  to.Set("count", count);
  to.Set("cursor", cursor);
  to.Set("last", result != 0);
  return to;
}

// updateBatch(keys, values, count): how many were set.
Napi::Value BpfMap::update_batch(const Napi::CallbackInfo& info) {
  uint32_t count = word_of(info[2], "The count");
  const uint8_t* keys = bytes(info[0], key_size_ * count, "batch of keys");
  const uint8_t* values = bytes(info[1], value_size_ * count, "batch of values");
  if (bpf_map_update_batch(fd(info.Env()), keys, values, &count, nullptr) != 0) {
    throw refusal(info.Env(), what("set a batch of"), errno);
  }
  return Napi::Number::New(info.Env(), count);
}

// deleteBatch(keys, count): how many were deleted, up to the first that was not there.
Napi::Value BpfMap::delete_batch(const Napi::CallbackInfo& info) {
  uint32_t count = word_of(info[1], "The count");
  const uint8_t* keys = bytes(info[0], key_size_ * count, "batch of keys");
  if (bpf_map_delete_batch(fd(info.Env()), keys, &count, nullptr) != 0 && errno != ENOENT) {
    throw refusal(info.Env(), what("delete a batch of"), errno);
  }
  return Napi::Number::New(info.Env(), count);
}

void BpfMap::freeze(const Napi::CallbackInfo& info) {
  // Newer kernels ask for nothing.
  if (bpf_map_freeze(fd(info.Env())) != 0) throw refusal(info.Env(), what("freeze"), errno, {}, {"CAP_BPF"});
}

// memory(): the elements of an array made with BPF_F_MMAPABLE, shared with the kernel until the last view is collected.
Napi::Value BpfMap::memory(const Napi::CallbackInfo& info) {
  const size_t length = round_up(value_size_, 8) * entries_;
  const size_t mapped = round_up(length, sysconf(_SC_PAGESIZE));
  void* start = type_ == BPF_MAP_TYPE_ARRAY
                    ? mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_SHARED, fd(info.Env()), 0)
                    : (errno = EOPNOTSUPP, MAP_FAILED);
  if (start == MAP_FAILED) throw refusal(info.Env(), what("map the memory of"), errno);
  const auto unmap = [mapped](Napi::Env, void* memory) { munmap(memory, mapped); };
  try {
    return Napi::ArrayBuffer::New(info.Env(), start, length, unmap);
  } catch (...) {  // none can be made where a worker_thread is being ended
    unmap(info.Env(), start);
    throw;
  }
}

void BpfMap::close(const Napi::CallbackInfo&) {
  in_object_ = nullptr;
  release();
}

}  // namespace sluice
