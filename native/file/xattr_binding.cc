// SPDX-License-Identifier: Apache-2.0
#include "native/file/xattr_binding.h"

#include <fcntl.h>
#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "native/runtime/unique_fd.h"

namespace sluice {
namespace {

// The kernel caps values and lists at 64 KiB (XATTR_SIZE_MAX, XATTR_LIST_MAX of linux/limits.h). A buffer of that size
// always suffices, and asking for the length first, which another process may change meanwhile, is not needed.
using Buffer = std::array<char, 1 << 16>;

// One system call on a duplicate of the caller's descriptor, whose number may be closed and used again meanwhile. It is
// as short as those of node:fs, and runs where they do: on libuv's threads.
class Operation : public Napi::AsyncWorker {
 public:
  // Puts what it reads into `bytes`; below 0: it failed with errno.
  using Call = std::function<ssize_t(int fd, std::vector<char>& bytes)>;

  static Napi::Promise start(Napi::Env env, const Napi::Value& fd, bool reads, Call call) {
    const int given = fd.As<Napi::Number>().Int32Value();
    std::unique_ptr<Operation> self(new Operation(env, reads, std::move(call)));
    self->fd_.reset(fcntl(given, F_DUPFD_CLOEXEC, 3));
    self->error_ = self->fd_ ? 0 : errno;
    self->Queue();
    return self.release()->deferred_.Promise();  // it deletes itself when it is done
  }

 protected:
  void Execute() override {
    if (error_) return;
    if (call_(fd_.get(), bytes_) < 0) error_ = errno;
    fd_.reset();
  }

  void OnOK() override {
    if (error_ || !reads_) {
      deferred_.Resolve(Napi::Number::New(Env(), -error_));
    } else {
      deferred_.Resolve(Napi::Buffer<char>::Copy(Env(), bytes_.data(), bytes_.size()));
    }
  }

  // Nothing but the memory for what was read can be missing.
  void OnError(const Napi::Error&) override { deferred_.Resolve(Napi::Number::New(Env(), -ENOMEM)); }

 private:
  Operation(Napi::Env env, bool reads, Call call)
      : Napi::AsyncWorker(env, "sluice"), deferred_(env), reads_(reads), call_(std::move(call)) {}

  Napi::Promise::Deferred deferred_;
  UniqueFd fd_;
  const bool reads_;
  const Call call_;
  std::vector<char> bytes_;
  int error_ = 0;
};

Napi::Value list(const Napi::CallbackInfo& info) {
  return Operation::start(info.Env(), info[0], true, [](int fd, std::vector<char>& bytes) {
    Buffer buffer;
    const ssize_t length = flistxattr(fd, buffer.data(), buffer.size());
    if (length > 0) bytes.assign(buffer.data(), buffer.data() + length);
    return length;
  });
}

Napi::Value get(const Napi::CallbackInfo& info) {
  const std::string name = info[1].As<Napi::String>();
  return Operation::start(info.Env(), info[0], true, [name](int fd, std::vector<char>& bytes) {
    Buffer buffer;
    const ssize_t length = fgetxattr(fd, name.c_str(), buffer.data(), buffer.size());
    if (length > 0) bytes.assign(buffer.data(), buffer.data() + length);
    return length;
  });
}

Napi::Value set(const Napi::CallbackInfo& info) {
  const std::string name = info[1].As<Napi::String>();
  const auto given = info[2].As<Napi::Uint8Array>();
  const std::vector<uint8_t> value(given.Data(), given.Data() + given.ByteLength());
  return Operation::start(info.Env(), info[0], false, [name, value](int fd, std::vector<char>&) -> ssize_t {
    return fsetxattr(fd, name.c_str(), value.data(), value.size(), 0);
  });
}

Napi::Value remove(const Napi::CallbackInfo& info) {
  const std::string name = info[1].As<Napi::String>();
  return Operation::start(info.Env(), info[0], false,
                          [name](int fd, std::vector<char>&) -> ssize_t { return fremovexattr(fd, name.c_str()); });
}

}  // namespace

void register_xattr(Napi::Env env, Napi::Object exports) {
  exports.Set("listAttributes", Napi::Function::New(env, list));
  exports.Set("getAttribute", Napi::Function::New(env, get));
  exports.Set("setAttribute", Napi::Function::New(env, set));
  exports.Set("removeAttribute", Napi::Function::New(env, remove));
}

}  // namespace sluice
