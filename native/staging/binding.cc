// SPDX-License-Identifier: Apache-2.0
#include "native/staging/binding.h"

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "native/background.h"
#include "native/checksum/binding.h"
#include "native/handle.h"
#include "native/staging/staged_file.h"

namespace sluice {
namespace {

Napi::BigInt number_to(Napi::Env env, uint64_t number) { return Napi::BigInt::New(env, number); }

Napi::Array array_of(Napi::Env env, std::initializer_list<Napi::Value> elements) {
  Napi::Array array = Napi::Array::New(env, elements.size());
  uint32_t index = 0;
  for (const Napi::Value& each : elements) array.Set(index++, each);
  return array;
}

Napi::Array identity_to(Napi::Env env, const struct stat& from) {
  return array_of(env, {number_to(env, from.st_dev), number_to(env, from.st_ino),
                        number_to(env, static_cast<uint64_t>(from.st_size)), Napi::BigInt::New(env, mtime_ns(from))});
}

Napi::Array staged_to(Napi::Env env, const std::shared_ptr<StagedFile>& file,
                      const std::optional<struct stat>& written) {
  const Napi::Value none = env.Undefined();
  Napi::Value existing = none;
  if (file->existing_fd() >= 0) {
    const struct stat& stat = file->existing();
    existing = array_of(
        env, {Napi::Number::New(env, file->existing_fd()), identity_to(env, stat), Napi::Number::New(env, stat.st_mode),
              Napi::Number::New(env, stat.st_uid), Napi::Number::New(env, stat.st_gid)});
  }
  return array_of(env, {Handle<StagedFile>::make(env, file), Napi::Number::New(env, file->fd()), existing,
                        written ? Napi::Value(identity_to(env, *written)) : none});
}

std::vector<uint8_t> bytes_from(const Napi::Value& from) {
  const auto bytes = from.As<Napi::Uint8Array>();
  return {bytes.Data(), bytes.Data() + bytes.ByteLength()};
}

// stage(root, path, mode, content, callback)
Napi::Value stage(const Napi::CallbackInfo& info) {
  struct Staging {
    std::string root, path;
    mode_t mode;
    std::optional<std::vector<uint8_t>> content;
    std::shared_ptr<StagedFile> file = std::make_shared<StagedFile>();
    std::optional<struct stat> written;
    Failure failure;
  };
  auto staging = std::make_shared<Staging>();
  staging->root = info[0].As<Napi::String>();
  staging->path = info[1].As<Napi::String>();
  staging->mode = static_cast<mode_t>(info[2].As<Napi::Number>().Uint32Value());
  if (info[3].IsTypedArray()) staging->content = bytes_from(info[3]);
  run_in_background(
      info.Env(), info[4].As<Napi::Function>(),
      [staging] {
        auto& [root, path, mode, content, file, written, failure] = *staging;
        failure = file->create(root, path, mode);
        if (!failure && content) failure = file->write(*content, written.emplace());
        if (failure) file->discard();
      },
      [staging](Napi::Env env) -> Napi::Value {
        if (staging->failure) return failure_to(env, staging->failure);
        return staged_to(env, staging->file, staging->written);
      });
  return info.Env().Undefined();
}

// publishStaged(handle, replace, sync, attributes, version, callback)
Napi::Value publish(const Napi::CallbackInfo& info) {
  struct Publishing {
    std::shared_ptr<StagedFile> file;
    Publication publication;
    struct stat stat;
    Failure failure;
  };
  auto publishing = std::make_shared<Publishing>();
  Publication& publication = publishing->publication;
  publication.replace = static_cast<Replace>(info[1].As<Napi::Number>().Uint32Value());
  publication.sync = info[2].As<Napi::Boolean>();
  const auto attributes = info[3].As<Napi::Array>();
  for (uint32_t each = 0; each < attributes.Length(); ++each) {
    const auto attribute = attributes.Get(each).As<Napi::Array>();
    publication.attributes.emplace_back(attribute.Get(0U).As<Napi::String>(), bytes_from(attribute.Get(1U)));
  }
  if (info[4].IsArray()) {
    const auto version = info[4].As<Napi::Array>();
    bool lossless = true;
    publication.version = {.size = version.Get(0U).As<Napi::BigInt>().Uint64Value(&lossless),
                           .mtime_ns = version.Get(1U).As<Napi::BigInt>().Int64Value(&lossless)};
  }
  publishing->file = Handle<StagedFile>::take(info[0]);
  run_in_background(
      info.Env(), info[5].As<Napi::Function>(),
      [publishing] {
        auto& [file, publication, stat, failure] = *publishing;
        failure = file->publish(publication, stat);
        file->discard();
      },
      [publishing](Napi::Env env) -> Napi::Value {
        if (publishing->failure) return failure_to(env, publishing->failure);
        return identity_to(env, publishing->stat);
      });
  return info.Env().Undefined();
}

// discardStaged(handle, callback?)
Napi::Value discard(const Napi::CallbackInfo& info) {
  auto file = Handle<StagedFile>::take(info[0]);
  if (info.Length() == 1) return info.Env().Undefined();
  run_in_background(
      info.Env(), info[1].As<Napi::Function>(), [file = std::move(file)]() mutable { file.reset(); },
      [](Napi::Env env) { return env.Undefined(); });
  return info.Env().Undefined();
}

}  // namespace

void register_staging(Napi::Env env, Napi::Object exports) {
  exports.Set("stage", Napi::Function::New(env, stage));
  exports.Set("publishStaged", Napi::Function::New(env, publish));
  exports.Set("discardStaged", Napi::Function::New(env, discard));
}

}  // namespace sluice
