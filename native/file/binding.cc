// SPDX-License-Identifier: Apache-2.0
#include "native/file/binding.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "native/file/file_system.h"
#include "native/file/page_cache.h"
#include "native/file/place.h"
#include "native/runtime/background.h"
#include "native/runtime/handle.h"
#include "native/system/refused_call.h"

namespace sluice {
namespace {

// The caller may close its descriptor while the work waits for a thread.
std::shared_ptr<UniqueFd> duplicate(const Napi::Value& fd) {
  return std::make_shared<UniqueFd>(fcntl(fd.As<Napi::Number>().Int32Value(), F_DUPFD_CLOEXEC, 3));
}

struct Stretch {
  off_t start, end;
};

// Nothing where nothing but a hole is left.
Result<std::optional<Stretch>> next_data(int fd, off_t from) {
  const off_t start = lseek(fd, from, SEEK_DATA);
  if (start < 0 && errno == ENXIO) return std::nullopt;
  if (start < 0) {
    if (refuser_of("lseek", errno) == Refuser::nobody) return system_failure(errno, "lseek");
    return Stretch{from, std::numeric_limits<off_t>::max()};  // who may not look for holes finds none
  }
  const off_t end = lseek(fd, start, SEEK_HOLE);
  if (end < 0) return system_failure(errno, "lseek");
  return Stretch{start, end};
}

// nextData(fd, from, callback({start, end} | undefined | failure))
void next_data_of(const Napi::CallbackInfo& info) {
  const auto from = static_cast<off_t>(info[1].As<Napi::Number>().Int64Value());
  run_in_background(
      info.Env(), info[2].As<Napi::Function>(), [from, fd = duplicate(info[0])] { return next_data(fd->get(), from); },
      [](Napi::Env env, const std::optional<Stretch>& found) -> Napi::Value {
        if (!found) return env.Undefined();
        Napi::Object to = Napi::Object::New(env);
        to.Set("start", static_cast<double>(found->start));
        to.Set("end", static_cast<double>(found->end));
        return to;
      });
}

using Opened = Result<std::shared_ptr<UniqueFd>>;

Opened open_named(const std::string& path, int flags) {
  auto file = std::make_shared<UniqueFd>();
  errno = EINVAL;  // a zero byte would end the path
  if (path.find('\0') == std::string::npos) file->reset(open(path.c_str(), flags | O_CLOEXEC, 0666));
  if (!*file) return system_failure(errno, "open");
  return file;
}

// openFile(path, flags, callback([handle, fd] | failure)); O_CREAT makes it as the umask lets it
void open_file(const Napi::CallbackInfo& info) {
  const auto path = info[0].As<Napi::Buffer<char>>();
  run_in_background(
      info.Env(), info[2].As<Napi::Function>(),
      [path = std::string(path.Data(), path.Length()), flags = info[1].As<Napi::Number>().Int32Value()] {
        return open_named(path, flags);
      },
      descriptor_to);
}

// openBeneath(root, path, flags, callback([handle, fd] | failure))
void open_file_beneath(const Napi::CallbackInfo& info) {
  const std::string root = info[0].As<Napi::String>();
  const std::string path = info[1].As<Napi::String>();
  run_in_background(
      info.Env(), info[3].As<Napi::Function>(),
      [root, path, flags = info[2].As<Napi::Number>().Int32Value()]() -> Opened {
        Result<UniqueFd> file = open_beneath(root, path, flags);
        if (!file) return file.failure();
        return std::make_shared<UniqueFd>(std::move(*file));
      },
      descriptor_to);
}

// closeFile(handle, callback)
void close_file(const Napi::CallbackInfo& info) {
  run_in_background(info.Env(), info[1].As<Napi::Function>(), [file = Handle<UniqueFd>::take(info[0])]() -> Result<> {
    if (file) file->reset();
    return {};
  });
}

timespec time_of(const Napi::Value& ns) {
  bool lossless;
  const int64_t value = ns.As<Napi::BigInt>().Int64Value(&lossless);
  timespec time{.tv_sec = value / 1'000'000'000, .tv_nsec = value % 1'000'000'000};
  if (time.tv_nsec < 0) {  // before 1970
    time.tv_sec -= 1;
    time.tv_nsec += 1'000'000'000;
  }
  return time;
}

// setTimes(fd, atimeNs, mtimeNs) -> failure, if any
Napi::Value set_times(const Napi::CallbackInfo& info) {
  const timespec times[] = {time_of(info[1]), time_of(info[2])};
  Result<> set;
  if (futimens(info[0].As<Napi::Number>(), times) != 0) set = system_failure(errno, "futimens");
  return result_to(info.Env(), set);
}

// dropFromPageCache(fd) -> failure, if any
Napi::Value drop_cached(const Napi::CallbackInfo& info) {
  return result_to(info.Env(), drop_from_page_cache(info[0].As<Napi::Number>()));
}

// residentBytes(fd) -> bytes | failure
Napi::Value resident_bytes_of(const Napi::CallbackInfo& info) {
  Result<uint64_t> resident = resident_bytes(info[0].As<Napi::Number>());
  return result_to(info.Env(), resident,
                   [&info](uint64_t bytes) { return Napi::Number::New(info.Env(), static_cast<double>(bytes)); });
}

// isGenerated(fd) -> boolean
Napi::Value is_generated_of(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), is_generated(info[0].As<Napi::Number>()));
}

}  // namespace

Napi::Value descriptor_to(Napi::Env env, const std::shared_ptr<UniqueFd>& file) {
  Napi::Array to = Napi::Array::New(env, 2);
  to.Set(0U, Handle<UniqueFd>::make(env, file));
  to.Set(1U, file->get());
  return to;
}

void register_file(Napi::Env env, Napi::Object exports) {
  exports.Set("nextData", Napi::Function::New(env, next_data_of));
  exports.Set("openFile", Napi::Function::New(env, open_file));
  exports.Set("openBeneath", Napi::Function::New(env, open_file_beneath));
  exports.Set("closeFile", Napi::Function::New(env, close_file));
  exports.Set("dropFromPageCache", Napi::Function::New(env, drop_cached));
  exports.Set("residentBytes", Napi::Function::New(env, resident_bytes_of));
  exports.Set("setTimes", Napi::Function::New(env, set_times));
  exports.Set("isGenerated", Napi::Function::New(env, is_generated_of));
}

}  // namespace sluice
