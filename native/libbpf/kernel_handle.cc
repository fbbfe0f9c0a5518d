// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/kernel_handle.h"

#include <bpf/bpf.h>
#include <fcntl.h>

#include <cerrno>

#include "native/libbpf/arguments.h"
#include "native/libbpf/refusal.h"

namespace sluice {

int KernelHandle::fd(Napi::Env env) const {
  if (!fd_) throw closed(env, std::string("The ") + kind_ + " " + name_);
  return fd_.get();
}

void KernelHandle::open_in(const OpenedObject& object, int fd) {
  object_ = object;
  fd_.reset(fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

void KernelHandle::open_pinned(const std::string& path) {
  name_ = path;
  fd_.reset(bpf_obj_get(path.c_str()));
}

void KernelHandle::open_by_id(uint32_t id, int (*open)(uint32_t)) {
  name_ = "with the id " + std::to_string(id);
  needs_ = {"CAP_SYS_ADMIN"};
  fd_.reset(open(id));
}

void KernelHandle::pin(const Napi::CallbackInfo& info) {
  const std::string path = text_of(info[0], "The path");
  if (bpf_obj_pin(fd(info.Env()), path.c_str()) != 0) throw refusal(info.Env(), what("pin"), errno);
}

void KernelHandle::release() {
  fd_.reset();
  object_.reset();
}

}  // namespace sluice
