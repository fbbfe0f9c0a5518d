// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <memory>
#include <string>
#include <vector>

#include "native/libbpf/opened_object.h"
#include "native/libbpf/wrapped.h"

namespace sluice {

// A BPF object file: opened, changed, loaded, closed. lib/native/libbpf.ts declares it.
class BpfObject : public Wrapped<BpfObject> {
 public:
  static constexpr const char* noun = "a BPF object";
  static void register_class(Napi::Env env, Napi::Object exports);
  explicit BpfObject(const Napi::CallbackInfo& info);

  const OpenedObject& opened(Napi::Env env) const;
  bpf_program* find_program(Napi::Env env, const std::string& name) const;
  bpf_map* find_map(Napi::Env env, const std::string& name) { return find_entry(env, name).map; }

 private:
  struct Map {
    std::string name;  // in the file: libbpf renames a map for which another one is reused
    bpf_map* map;
    std::string section;  // whose variables it holds; or empty
    // The kernel's memory of these variables, or why there is none (errno). Neither before the map is in the kernel.
    std::shared_ptr<uint8_t> memory;
    int error = 0;
  };

  Napi::Value programs(const Napi::CallbackInfo& info);
  Napi::Value maps(const Napi::CallbackInfo& info);
  Napi::Value variables(const Napi::CallbackInfo& info);
  Napi::Value read_variable(const Napi::CallbackInfo& info);
  void write_variable(const Napi::CallbackInfo& info);
  void set_autoload(const Napi::CallbackInfo& info);
  void set_attach_target(const Napi::CallbackInfo& info);
  void set_max_entries(const Napi::CallbackInfo& info);
  void set_pin_path(const Napi::CallbackInfo& info);
  void reuse_map(const Napi::CallbackInfo& info);
  void load(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);

  void expect_changeable(Napi::Env env) const;
  Map& find_entry(Napi::Env env, const std::string& name);
  const Map& find_section(Napi::Env env, const std::string& section) const;
  void share(Map& part);
  // The bytes of the variable at `offset` in `section`.
  uint8_t* variable(const Napi::CallbackInfo& info, size_t size) const;

  OpenedObject object_;
  std::vector<Map> maps_;
  bool sealed_ = false;
};

}  // namespace sluice
