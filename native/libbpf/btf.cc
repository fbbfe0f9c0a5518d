// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/btf.h"

#include <bpf/btf.h>

#include <cerrno>
#include <string>

#include "native/libbpf/arguments.h"
#include "native/libbpf/object.h"
#include "native/libbpf/refusal.h"
#include "native/libbpf/room.h"

namespace sluice {
namespace {

// By BTF_KIND_*: the numbers are the kernel's.
constexpr const char* kinds[] = {"void",    "int",      "pointer",        "array",     "struct",
                                 "union",   "enum",     "forward",        "typedef",   "volatile",
                                 "const",   "restrict", "function",       "prototype", "variable",
                                 "section", "float",    "declarationTag", "typeTag",   "enum64"};

bool refers_to_type(const btf_type* type) {
  return btf_is_ptr(type) || btf_is_mod(type) || btf_is_typedef(type) || btf_is_func(type) || btf_is_var(type) ||
         btf_is_decl_tag(type) || btf_is_type_tag(type) || btf_is_func_proto(type);
}

Napi::Array members(Napi::Env env, const btf* types, const btf_type* type) {
  Napi::Array list = Napi::Array::New(env, btf_vlen(type));
  for (int i = 0; i < btf_vlen(type); ++i) {
    const btf_member& member = btf_members(type)[i];
    Napi::Object one = Napi::Object::New(env);
    one.Set("name", btf__name_by_offset(types, member.name_off));
    one.Set("type", member.type);
    one.Set("bitOffset", btf_member_bit_offset(type, i));
    one.Set("bitSize", btf_member_bitfield_size(type, i));
    list.Set(i, one);
  }
  return list;
}

Napi::Array values(Napi::Env env, const btf* types, const btf_type* type) {
  const bool negative = btf_kflag(type);
  Napi::Array list = Napi::Array::New(env, btf_vlen(type));
  for (int i = 0; i < btf_vlen(type); ++i) {
    Napi::Object one = Napi::Object::New(env);
    if (btf_is_enum64(type)) {
      const struct btf_enum64& value = btf_enum64(type)[i];
      const uint64_t word = btf_enum64_value(&value);
      one.Set("name", btf__name_by_offset(types, value.name_off));
      one.Set("value", negative ? Napi::BigInt::New(env, static_cast<int64_t>(word)) : Napi::BigInt::New(env, word));
    } else {
      const struct btf_enum& value = btf_enum(type)[i];
      one.Set("name", btf__name_by_offset(types, value.name_off));
      one.Set("value",
              negative ? Napi::Number::New(env, value.val) : Napi::Number::New(env, static_cast<uint32_t>(value.val)));
    }
    list.Set(i, one);
  }
  return list;
}

Napi::Array parameters(Napi::Env env, const btf* types, const btf_type* type) {
  Napi::Array list = Napi::Array::New(env, btf_vlen(type));
  for (int i = 0; i < btf_vlen(type); ++i) {
    const btf_param& parameter = btf_params(type)[i];
    Napi::Object one = Napi::Object::New(env);
    one.Set("name", btf__name_by_offset(types, parameter.name_off));
    one.Set("type", parameter.type);
    list.Set(i, one);
  }
  return list;
}

}  // namespace

void Btf::register_class(Napi::Env env, Napi::Object exports) {
  exports.Set("Btf", DefineClass(env, "Btf",
                                 {
                                     InstanceMethod("count", &Btf::count),
                                     InstanceMethod("find", &Btf::find),
                                     InstanceMethod("type", &Btf::type),
                                 }));
}

// new Btf('kernel'), ('module', name), ('object', object), ('bytes', bytes)
Btf::Btf(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Btf>(info) {
  Napi::Env env = info.Env();
  const std::string from = text_of(info[0], "The source of BTF");
  LogScope log(env);
  if (from == "object") {
    const OpenedObject& object = BpfObject::of(info[1], "The object")->opened(env);
    const btf* types = bpf_object__btf(object.get());
    if (!types) throw refusal(env, "find BTF in the object: compile it with -g", ENOENT);
    btf_ = std::shared_ptr<const btf>(object, types);
    return;
  }
  // Where libbpf can't open the kernel's, it says that the kernel has none.
  expect_room(env, "load the BTF of the " + from);
  btf* types = nullptr;
  if (from == "kernel") {
    types = btf__load_vmlinux_btf();
  } else if (from == "module") {
    const std::string name = text_of(info[1], "The name of the module");
    btf* kernel = btf__load_vmlinux_btf();
    base_ = std::shared_ptr<btf>(kernel, btf__free);
    if (kernel) types = btf__load_module_btf(name.c_str(), kernel);
  } else {
    const auto bytes = bytes_of(info[1], "BTF");
    types = btf__new(bytes.data(), bytes.size());
  }
  const int error = errno;
  if (!types) throw refusal(env, "load the BTF of the " + from, error, log.warnings());
  btf_ = std::shared_ptr<btf>(types, btf__free);
}

// count(): ids run from 0 (void) to count() - 1.
Napi::Value Btf::count(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), btf__type_cnt(btf_.get()));
}

// find(name, kind | undefined): the id, or undefined.
Napi::Value Btf::find(const Napi::CallbackInfo& info) {
  const std::string name = text_of(info[0], "The name of the type");
  int id = -ENOENT;
  if (info[1].IsUndefined()) {
    id = btf__find_by_name(btf_.get(), name.c_str());
  } else {
    const std::string kind = text_of(info[1], "The kind of the type");
    for (uint32_t number = 1; number < std::size(kinds); ++number)
      if (kind == kinds[number]) id = btf__find_by_name_kind(btf_.get(), name.c_str(), number);
  }
  return id < 0 ? info.Env().Undefined() : Napi::Number::New(info.Env(), id);
}

// type(id): {id, kind, name, size?, type?, ...}
Napi::Value Btf::type(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const uint32_t id = word_of(info[0], "The id of a type");
  const btf* types = btf_.get();
  const btf_type* type = btf__type_by_id(types, id);
  if (!type) throw refusal(env, "find the BTF type " + std::to_string(id), ENOENT);
  Napi::Object to = Napi::Object::New(env);
  const uint32_t kind = btf_kind(type);
  to.Set("id", id);
  to.Set("kind", kind < std::size(kinds) ? kinds[kind] : "unknown");
  to.Set("name", btf__name_by_offset(types, type->name_off));
  if (btf_is_int(type) || btf_is_composite(type) || btf_is_any_enum(type) || btf_is_float(type) ||
      btf_is_datasec(type)) {
    to.Set("size", type->size);
  }
  if (refers_to_type(type)) to.Set("type", type->type);
  if (btf_is_int(type)) {
    to.Set("signed", (btf_int_encoding(type) & BTF_INT_SIGNED) != 0);
    to.Set("boolean", (btf_int_encoding(type) & BTF_INT_BOOL) != 0);
    to.Set("bits", btf_int_bits(type));
  }
  if (btf_is_any_enum(type)) {
    to.Set("signed", btf_kflag(type));
    to.Set("values", values(env, types, type));
  }
  if (btf_is_composite(type)) to.Set("members", members(env, types, type));
  if (btf_is_func_proto(type)) to.Set("parameters", parameters(env, types, type));
  if (btf_is_array(type)) {
    to.Set("type", btf_array(type)->type);
    to.Set("length", btf_array(type)->nelems);
  }
  return to;
}

}  // namespace sluice
