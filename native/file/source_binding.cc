// SPDX-License-Identifier: Apache-2.0
#include "native/file/source_binding.h"

#include <fcntl.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "native/file/source_file.h"
#include "native/runtime/background.h"

namespace sluice {
namespace {

Napi::Object source_to(Napi::Env env, const std::shared_ptr<SourceFile>& file) {
  Napi::Object to = Napi::Object::New(env);
  to.Set("fd", file->fd());
  to.Set("broken", Napi::Function::New(env, [file](const Napi::CallbackInfo& info) {
           return Napi::Boolean::New(info.Env(), file->lease_broken());
         }));
  to.Set("confirm", Napi::Function::New(env, [file](const Napi::CallbackInfo& info) {
           run_in_background(info.Env(), info[0].As<Napi::Function>(), [file] { return file->unchanged(); });
         }));
  to.Set("close", Napi::Function::New(env, [file](const Napi::CallbackInfo&) { *file = SourceFile(); }));
  return to;
}

// openSource(path or fd, callback(source | failure))
void open_source(const Napi::CallbackInfo& info) {
  using Opened = Result<std::shared_ptr<SourceFile>>;
  std::string path;
  const auto given = std::make_shared<UniqueFd>();
  int refused = 0;
  if (info[0].IsString()) {
    path = info[0].As<Napi::String>();
  } else {  // the caller may close its descriptor while the work waits for a thread
    given->reset(fcntl(info[0].As<Napi::Number>().Int32Value(), F_DUPFD_CLOEXEC, 3));
    if (!*given) refused = errno;
  }
  run_in_background(
      info.Env(), info[1].As<Napi::Function>(),
      [path, given, refused]() -> Opened {
        if (refused != 0) return system_failure(refused, "F_DUPFD_CLOEXEC");
        Result<SourceFile> file = SourceFile::open(path, std::move(*given), false);
        if (!file) return file.failure();
        return std::make_shared<SourceFile>(std::move(*file));
      },
      source_to);
}

}  // namespace

void register_source(Napi::Env env, Napi::Object exports) {
  exports.Set("openSource", Napi::Function::New(env, open_source));
}

}  // namespace sluice
