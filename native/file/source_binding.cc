// SPDX-License-Identifier: Apache-2.0
#include "native/file/source_binding.h"

#include <memory>
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

// openSource(path, callback(source | failure))
void open_source(const Napi::CallbackInfo& info) {
  using Opened = Result<std::shared_ptr<SourceFile>>;
  run_in_background(
      info.Env(), info[1].As<Napi::Function>(),
      [path = info[0].As<Napi::String>().Utf8Value()]() -> Opened {
        Result<SourceFile> file = SourceFile::open(path, UniqueFd(), false);
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
