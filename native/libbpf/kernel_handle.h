// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <string>

#include "native/libbpf/needs.h"
#include "native/libbpf/opened_object.h"
#include "native/runtime/unique_fd.h"

namespace sluice {

// What maps and programs have in common: a name and a descriptor of our own on something that the kernel keeps, and the
// object it came from, where it is one of ours.
class KernelHandle {
 public:
  int fd(Napi::Env env) const;
  const std::string& name() const { return name_; }
  const OpenedObject& object() const { return object_; }

 protected:
  // `kind` is the noun in sentences.
  explicit KernelHandle(const char* kind) : kind_(kind) {}

  // `fd` is the object's own: it is duplicated.
  void open_in(const OpenedObject& object, int fd);
  void open_pinned(const std::string& path);
  // `open` is libbpf's function for things of this kind.
  void open_by_id(uint32_t id, int (*open)(uint32_t));

  void pin(const Napi::CallbackInfo& info);
  void release();
  // What was tried, for a refusal: "pin the map points".
  std::string what(const char* action) const { return std::string(action) + " the " + kind_ + " " + name_; }

  UniqueFd fd_;
  std::string name_;
  Needs needs_;  // to be opened

 private:
  const char* kind_;
  OpenedObject object_;
};

}  // namespace sluice
