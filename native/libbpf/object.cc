// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/object.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "native/libbpf/arguments.h"
#include "native/libbpf/map.h"
#include "native/libbpf/refusal.h"
#include "native/libbpf/room.h"

namespace sluice {
namespace {

bool constant(const std::string& section) { return section.starts_with(".rodata"); }

// The other sections that BTF lists hold no memory: .maps, .ksyms, a license.
bool holds_variables(const std::string& section) {
  return constant(section) || section.starts_with(".data") || section.starts_with(".bss");
}

// The section whose variables the map holds: its type has the name, of which the map's own has a part only.
std::string section_of(const bpf_object* object, const bpf_map* map) {
  const btf* types = bpf_object__btf(object);
  if (!types || !bpf_map__is_internal(map)) return {};
  const btf_type* section = btf__type_by_id(types, bpf_map__btf_value_type_id(map));
  return section && btf_is_datasec(section) ? btf__name_by_offset(types, section->name_off) : "";
}

// Null: refused, see errno.
std::shared_ptr<uint8_t> map_memory(const bpf_map* map, bool writable) {
  // Without variables that other files may see, libbpf makes the map of a section without it.
  if (!(bpf_map__map_flags(map) & BPF_F_MMAPABLE)) return errno = EOPNOTSUPP, nullptr;
  const size_t page = sysconf(_SC_PAGESIZE), size = (bpf_map__value_size(map) + page - 1) / page * page;
  void* memory = mmap(nullptr, size, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, bpf_map__fd(map), 0);
  if (memory == MAP_FAILED) return nullptr;
  return {static_cast<uint8_t*>(memory), [size](uint8_t* mapped) { munmap(mapped, size); }};
}

}  // namespace

void BpfObject::register_class(Napi::Env env, Napi::Object exports) {
  exports.Set("BpfObject", DefineClass(env, "BpfObject",
                                       {
                                           InstanceMethod("programs", &BpfObject::programs),
                                           InstanceMethod("maps", &BpfObject::maps),
                                           InstanceMethod("variables", &BpfObject::variables),
                                           InstanceMethod("readVariable", &BpfObject::read_variable),
                                           InstanceMethod("writeVariable", &BpfObject::write_variable),
                                           InstanceMethod("setAutoload", &BpfObject::set_autoload),
                                           InstanceMethod("setAttachTarget", &BpfObject::set_attach_target),
                                           InstanceMethod("setMaxEntries", &BpfObject::set_max_entries),
                                           InstanceMethod("setPinPath", &BpfObject::set_pin_path),
                                           InstanceMethod("reuseMap", &BpfObject::reuse_map),
                                           InstanceMethod("load", &BpfObject::load),
                                           InstanceMethod("close", &BpfObject::close),
                                       }));
}

// new BpfObject(image, name, verifierLogLevel)
BpfObject::BpfObject(const Napi::CallbackInfo& info) : Wrapped(info) {
  const auto image = bytes_of(info[0], "The image");
  const std::string name = text_of(info[1], "The name of the object");
  const uint32_t level = word_of(info[2], "verifierLog");
  LogScope log(info.Env());
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = name.c_str(), .kernel_log_level = level);
  bpf_object* object = bpf_object__open_mem(image.data(), image.size(), &options);
  const int error = errno;
  if (!object) throw refusal(info.Env(), "open the BPF object " + name, error, log.warnings());
  object_ = own(object);
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    maps_.push_back({.name = bpf_map__name(map), .map = map, .section = section_of(object, map)});
  }
}

const OpenedObject& BpfObject::opened(Napi::Env env) const {
  if (!object_) throw closed(env, "The BPF object");
  return object_;
}

bpf_program* BpfObject::find_program(Napi::Env env, const std::string& name) const {
  bpf_program* program = bpf_object__find_program_by_name(opened(env).get(), name.c_str());
  if (!program) throw refusal(env, "find the program " + name, ENOENT);
  return program;
}

BpfObject::Map& BpfObject::find_entry(Napi::Env env, const std::string& name) {
  opened(env);
  for (Map& known : maps_)
    if (known.name == name) return known;
  throw refusal(env, "find the map " + name, ENOENT);
}

const BpfObject::Map& BpfObject::find_section(Napi::Env env, const std::string& section) const {
  opened(env);
  for (const Map& known : maps_)
    if (known.section == section) return known;
  throw refusal(env, "find the section " + section, ENOENT);
}

void BpfObject::expect_changeable(Napi::Env env) const {
  opened(env);
  if (sealed_) throw refusal(env, "The BPF object is loaded", 0);
}

Napi::Value BpfObject::programs(const Napi::CallbackInfo& info) {
  Napi::Array list = Napi::Array::New(info.Env());
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, opened(info.Env()).get()) {
    Napi::Object one = Napi::Object::New(info.Env());
    const char* type = libbpf_bpf_prog_type_str(bpf_program__type(program));
    one.Set("name", bpf_program__name(program));
    one.Set("section", bpf_program__section_name(program));
    one.Set("type", type ? type : "unknown");
    one.Set("autoload", bpf_program__autoload(program));
    list.Set(list.Length(), one);
  }
  return list;
}

Napi::Value BpfObject::maps(const Napi::CallbackInfo& info) {
  Napi::Array list = Napi::Array::New(info.Env());
  opened(info.Env());
  for (const Map& known : maps_) {
    const bpf_map* map = known.map;
    Napi::Object one = Napi::Object::New(info.Env());
    const char* type = libbpf_bpf_map_type_str(bpf_map__type(map));
    one.Set("name", known.name);
    one.Set("type", type ? type : "unknown");
    one.Set("keySize", bpf_map__key_size(map));
    one.Set("valueSize", bpf_map__value_size(map));
    one.Set("maxEntries", bpf_map__max_entries(map));
    one.Set("keyType", bpf_map__btf_key_type_id(map));
    one.Set("valueType", bpf_map__btf_value_type_id(map));
    list.Set(list.Length(), one);
  }
  return list;
}

// Every global variable: {section, name, type, offset, size}; `type` is an id of the object's BTF.
Napi::Value BpfObject::variables(const Napi::CallbackInfo& info) {
  Napi::Array list = Napi::Array::New(info.Env());
  const btf* types = bpf_object__btf(opened(info.Env()).get());
  for (uint32_t id = 1; types && id < btf__type_cnt(types); ++id) {
    const btf_type* section = btf__type_by_id(types, id);
    if (!btf_is_datasec(section)) continue;
    const std::string section_name = btf__name_by_offset(types, section->name_off);
    if (!holds_variables(section_name)) continue;
    const btf_var_secinfo* variables = btf_var_secinfos(section);
    for (int i = 0; i < btf_vlen(section); ++i) {
      const btf_type* variable = btf__type_by_id(types, variables[i].type);
      if (!btf_is_var(variable)) continue;
      Napi::Object one = Napi::Object::New(info.Env());
      one.Set("section", section_name);
      one.Set("name", btf__name_by_offset(types, variable->name_off));
      one.Set("type", variable->type);
      one.Set("offset", variables[i].offset);
      one.Set("size", variables[i].size);
      list.Set(list.Length(), one);
    }
  }
  return list;
}

// info: section, offset, ...
uint8_t* BpfObject::variable(const Napi::CallbackInfo& info, size_t size) const {
  const std::string section = text_of(info[0], "The section");
  const size_t offset = word_of(info[1], "The offset");
  const Map& part = find_section(info.Env(), section);
  if (part.error) throw refusal(info.Env(), "map the variables in " + section, part.error);
  size_t room = 0;
  auto* image = static_cast<uint8_t*>(bpf_map__initial_value(part.map, &room));
  uint8_t* start = part.memory ? part.memory.get() : image;
  if (start && offset <= room && size <= room - offset) return start + offset;
  throw refusal(info.Env(), "find a variable in " + section, ENOENT);
}

// libbpf's image is the kernel's memory only where libbpf made the map, and it does not tell whether it did.
void BpfObject::share(Map& part) {
  part.memory = map_memory(part.map, !constant(part.section));
  part.error = part.memory ? 0 : errno;
}

// readVariable(section, offset, size)
Napi::Value BpfObject::read_variable(const Napi::CallbackInfo& info) {
  const size_t size = word_of(info[2], "The size");
  return Napi::Buffer<uint8_t>::Copy(info.Env(), variable(info, size), size);
}

// writeVariable(section, offset, bytes)
void BpfObject::write_variable(const Napi::CallbackInfo& info) {
  const std::string section = text_of(info[0], "The section");
  // After an attempt to load the page may be mapped for reading only: a store would end the process.
  if (constant(section) && (sealed_ || find_section(info.Env(), section).memory)) {
    throw refusal(info.Env(), "change a variable in .rodata of a loaded object", EPERM);
  }
  const auto bytes = bytes_of(info[2], "The value");
  std::ranges::copy(bytes, variable(info, bytes.size()));
}

void BpfObject::set_autoload(const Napi::CallbackInfo& info) {
  expect_changeable(info.Env());
  const std::string name = text_of(info[0], "The name of the program");
  const int error = bpf_program__set_autoload(find_program(info.Env(), name), flag_of(info[1], "autoload"));
  if (error) throw refusal(info.Env(), "set autoload of " + name, -error);
}

// setAttachTarget(program, function): the kernel's function, for fentry and the like. libbpf looks it up at once.
void BpfObject::set_attach_target(const Napi::CallbackInfo& info) {
  expect_changeable(info.Env());
  const std::string name = text_of(info[0], "The name of the program"), target = text_of(info[1], "The target");
  LogScope log(info.Env());
  const int error = bpf_program__set_attach_target(find_program(info.Env(), name), 0, target.c_str());
  if (error) throw refusal(info.Env(), "make " + target + " the target of " + name, -error, log.warnings());
}

void BpfObject::set_max_entries(const Napi::CallbackInfo& info) {
  expect_changeable(info.Env());
  const std::string name = text_of(info[0], "The name of the map");
  bpf_map* map = find_entry(info.Env(), name).map;
  // libbpf would map as many elements of a section over what lies behind its image.
  const int error = bpf_map__is_internal(map) ? -EINVAL : bpf_map__set_max_entries(map, word_of(info[1], "maxEntries"));
  if (error) throw refusal(info.Env(), "set the size of the map " + name, -error);
}

void BpfObject::set_pin_path(const Napi::CallbackInfo& info) {
  expect_changeable(info.Env());
  const std::string name = text_of(info[0], "The name of the map"), path = text_of(info[1], "The path");
  const int error = bpf_map__set_pin_path(find_entry(info.Env(), name).map, path.c_str());
  if (error) throw refusal(info.Env(), "set the pin path of the map " + name, -error);
}

// reuseMap(name, map): use a map that exists instead of creating one.
void BpfObject::reuse_map(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  expect_changeable(env);
  const std::string name = text_of(info[0], "The name of the map");
  Map& entry = find_entry(env, name);
  const BpfMap* other = BpfMap::of(info[1], "The map");
  const int fd = other->fd(env);
  LogScope log(env);
  // libbpf gives as much memory of a section back as the map in its place has.
  const bool alike = !bpf_map__is_internal(entry.map) || other->holds_one(bpf_map__value_size(entry.map));
  const int error = alike ? bpf_map__reuse_fd(entry.map, fd) : -EINVAL;
  if (error) throw refusal(env, "use another map as " + name, -error, log.warnings());
  if (!entry.section.empty()) share(entry);
}

void BpfObject::load(const Napi::CallbackInfo& info) {
  bpf_object* object = opened(info.Env()).get();
  const std::string action = std::string("load ") + bpf_object__name(object);
  size_t programs = 0;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) { ++programs; }
  expect_room(info.Env(), action, maps_.size() + programs + kTrialDescriptors);
  LogScope log(info.Env());
  sealed_ = true;
  const Needs needs = needs_of_load(object);
  const int error = bpf_object__load(object);
  if (error) throw refusal(info.Env(), action, -error, log.warnings(), needs);
  for (Map& known : maps_)
    if (!known.section.empty()) share(known);
}

void BpfObject::close(const Napi::CallbackInfo&) {
  object_.reset();
  maps_.clear();
}

}  // namespace sluice
