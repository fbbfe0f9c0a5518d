// SPDX-License-Identifier: Apache-2.0
#include "native/file/source_binding.h"

#include <memory>

#include "native/file/source_file.h"
#include "native/runtime/background.h"
#include "native/runtime/failure_binding.h"

namespace sluice {
namespace {

// confirm(callback(failure | undefined))
void confirm(const std::shared_ptr<SourceFile>& file, const Napi::CallbackInfo& info) {
  const auto failed = std::make_shared<Failure>();
  run_in_background(
      info.Env(), info[0].As<Napi::Function>(), [file, failed] { *failed = file->unchanged(); },
      [failed](Napi::Env env) -> Napi::Value { return *failed ? failure_to(env, *failed) : env.Undefined(); });
}

Napi::Object source_to(Napi::Env env, const std::shared_ptr<SourceFile>& file) {
  Napi::Object to = Napi::Object::New(env);
  to.Set("fd", file->fd());
  to.Set("broken", Napi::Function::New(env, [file](const Napi::CallbackInfo& info) {
           return Napi::Boolean::New(info.Env(), file->lease_broken());
         }));
  to.Set("confirm", Napi::Function::New(env, [file](const Napi::CallbackInfo& info) { confirm(file, info); }));
  to.Set("close", Napi::Function::New(env, [file](const Napi::CallbackInfo&) { *file = SourceFile(); }));
  return to;
}

void open_source(const Napi::CallbackInfo& info) {
  const auto file = std::make_shared<SourceFile>();
  const auto failed = std::make_shared<Failure>();
  run_in_background(
      info.Env(), info[1].As<Napi::Function>(),
      [file, failed, path = info[0].As<Napi::String>().Utf8Value()] {
        *failed = SourceFile::open(path, UniqueFd(), false, *file);
      },
      [file, failed](Napi::Env env) { return *failed ? failure_to(env, *failed) : source_to(env, file); });
}

}  // namespace

void register_source(Napi::Env env, Napi::Object exports) {
  exports.Set("openSource", Napi::Function::New(env, open_source));
}

}  // namespace sluice
