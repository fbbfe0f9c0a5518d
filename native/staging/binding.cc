// SPDX-License-Identifier: Apache-2.0
#include "native/staging/binding.h"

#include <memory>

#include "native/background.h"
#include "native/checksum/binding.h"
#include "native/staging/staged_file.h"

namespace sluice {
namespace {

// What a call on a staged file leaves for the answer.
struct Done {
  Failure failure;
  struct stat stat{};
};

Napi::Object stat_to(Napi::Env env, const struct stat& from) {
  Napi::Object to = Napi::Object::New(env);
  to.Set("dev", Napi::BigInt::New(env, static_cast<uint64_t>(from.st_dev)));
  to.Set("ino", Napi::BigInt::New(env, static_cast<uint64_t>(from.st_ino)));
  to.Set("size", Napi::BigInt::New(env, static_cast<uint64_t>(from.st_size)));
  to.Set("mtimeNs",
         Napi::BigInt::New(env, static_cast<int64_t>(from.st_mtim.tv_sec) * 1'000'000'000 + from.st_mtim.tv_nsec));
  to.Set("mode", from.st_mode);
  to.Set("uid", from.st_uid);
  to.Set("gid", from.st_gid);
  return to;
}

Napi::Value publish(const std::shared_ptr<StagedFile>& file, const Napi::CallbackInfo& info) {
  const auto replace = static_cast<Replace>(info[0].As<Napi::Number>().Uint32Value());
  const bool sync = info[1].As<Napi::Boolean>();
  auto done = std::make_shared<Done>();
  run_in_background(
      info.Env(), info[2].As<Napi::Function>(),
      [file, done, replace, sync] {
        done->failure = file->publish(replace, sync, done->stat);
        file->discard();
      },
      [done](Napi::Env env) { return done->failure ? failure_to(env, done->failure) : stat_to(env, done->stat); });
  return info.Env().Undefined();
}

Napi::Value discard(const std::shared_ptr<StagedFile>& file, const Napi::CallbackInfo& info) {
  if (info.Length() == 0) {
    file->discard();
  } else {
    run_in_background(
        info.Env(), info[0].As<Napi::Function>(), [file] { file->discard(); },
        [](Napi::Env env) { return env.Undefined(); });
  }
  return info.Env().Undefined();
}

Napi::Object staged_to(Napi::Env env, const std::shared_ptr<StagedFile>& file) {
  Napi::Object to = Napi::Object::New(env);
  to.Set("fd", file->fd());
  if (file->existing_fd() >= 0) {
    Napi::Object existing = stat_to(env, file->existing());
    existing.Set("fd", file->existing_fd());
    to.Set("existing", existing);
  }
  to.Set("publish", Napi::Function::New(env, [file](const Napi::CallbackInfo& info) { return publish(file, info); }));
  to.Set("discard", Napi::Function::New(env, [file](const Napi::CallbackInfo& info) { return discard(file, info); }));
  return to;
}

// stage(root, path, mode, callback)
Napi::Value stage(const Napi::CallbackInfo& info) {
  auto file = std::make_shared<StagedFile>();
  auto done = std::make_shared<Done>();
  run_in_background(
      info.Env(), info[3].As<Napi::Function>(),
      [file, done, root = info[0].As<Napi::String>().Utf8Value(), path = info[1].As<Napi::String>().Utf8Value(),
       mode = static_cast<mode_t>(info[2].As<Napi::Number>().Uint32Value())] {
        done->failure = file->create(root, path, mode);
        if (done->failure) file->discard();
      },
      [file, done](Napi::Env env) { return done->failure ? failure_to(env, done->failure) : staged_to(env, file); });
  return info.Env().Undefined();
}

}  // namespace

void register_staging(Napi::Env env, Napi::Object exports) { exports.Set("stage", Napi::Function::New(env, stage)); }

}  // namespace sluice
