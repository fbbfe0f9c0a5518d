// SPDX-License-Identifier: Apache-2.0
#include "native/file/xattr_binding.h"

#include <fcntl.h>
#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "native/runtime/failure_binding.h"
#include "native/runtime/unique_fd.h"

namespace sluice {
namespace {

// The kernel caps values and lists at 64 KiB (XATTR_SIZE_MAX, XATTR_LIST_MAX of linux/limits.h). A buffer of that size
// always suffices, and asking for the length first, which another process may change meanwhile, is not needed.
using Buffer = std::array<char, 1 << 16>;
using Bytes = std::vector<char>;

Failure failed(const char* call) { return system_failure(errno, call, Subject::attribute); }

Napi::Value answer_to(Napi::Env env, const Bytes& read) {
  return Napi::Buffer<char>::Copy(env, read.data(), read.size());
}
Napi::Value answer_to(Napi::Env env, std::monostate) { return env.Undefined(); }

// One system call on a duplicate of the caller's descriptor, whose number may be closed and used again meanwhile. It is
// as short as those of node:fs, and runs where they do: on libuv's threads.
template <typename T>
class Operation : public Napi::AsyncWorker {
 public:
  using Call = std::function<Result<T>(int fd)>;

  static Napi::Promise start(const Napi::CallbackInfo& info, Call call) {
    std::unique_ptr<Operation> self(new Operation(info.Env(), std::move(call)));
    self->fd_.reset(fcntl(info[0].As<Napi::Number>().Int32Value(), F_DUPFD_CLOEXEC, 3));
    if (!self->fd_) self->result_ = failed("dup");
    self->Queue();
    return self.release()->deferred_.Promise();  // it deletes itself when it is done
  }

 protected:
  void Execute() override {
    if (!fd_) return;
    result_ = caught([this] { return call_(fd_.get()); });
    fd_.reset();
  }

  void OnOK() override {
    deferred_.Resolve(result_to(Env(), result_, [this](const T& value) { return answer_to(Env(), value); }));
  }

 private:
  Operation(Napi::Env env, Call call)
      : Napi::AsyncWorker(env, "sluice"), deferred_(env), call_(std::move(call)), result_(T()) {}

  Napi::Promise::Deferred deferred_;
  UniqueFd fd_;
  const Call call_;
  Result<T> result_;
};

// listAttributes(fd) -> Promise of the names | failure
Napi::Value list(const Napi::CallbackInfo& info) {
  return Operation<Bytes>::start(info, [](int fd) -> Result<Bytes> {
    Buffer buffer;
    const ssize_t length = flistxattr(fd, buffer.data(), buffer.size());
    if (length < 0) return failed("flistxattr");
    return Bytes(buffer.data(), buffer.data() + length);
  });
}

// getAttribute(fd, name) -> Promise of the value | failure
Napi::Value get(const Napi::CallbackInfo& info) {
  const std::string name = info[1].As<Napi::String>();
  return Operation<Bytes>::start(info, [name](int fd) -> Result<Bytes> {
    Buffer buffer;
    const ssize_t length = fgetxattr(fd, name.c_str(), buffer.data(), buffer.size());
    if (length < 0) return failed("fgetxattr");
    return Bytes(buffer.data(), buffer.data() + length);
  });
}

// setAttribute(fd, name, value) -> Promise of the failure, if any
Napi::Value set(const Napi::CallbackInfo& info) {
  const std::string name = info[1].As<Napi::String>();
  const auto given = info[2].As<Napi::Uint8Array>();
  const std::vector<uint8_t> value(given.Data(), given.Data() + given.ByteLength());
  return Operation<std::monostate>::start(info, [name, value](int fd) -> Result<> {
    if (fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) != 0) return failed("fsetxattr");
    return {};
  });
}

// removeAttribute(fd, name) -> Promise of the failure, if any
Napi::Value remove(const Napi::CallbackInfo& info) {
  const std::string name = info[1].As<Napi::String>();
  return Operation<std::monostate>::start(info, [name](int fd) -> Result<> {
    if (fremovexattr(fd, name.c_str()) != 0) return failed("fremovexattr");
    return {};
  });
}

}  // namespace

void register_xattr(Napi::Env env, Napi::Object exports) {
  exports.Set("listAttributes", Napi::Function::New(env, list));
  exports.Set("getAttribute", Napi::Function::New(env, get));
  exports.Set("setAttribute", Napi::Function::New(env, set));
  exports.Set("removeAttribute", Napi::Function::New(env, remove));
}

}  // namespace sluice
