// SPDX-License-Identifier: Apache-2.0
#include "native/file/staged_binding.h"

#include <fcntl.h>

#include <cerrno>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "native/file/folder_lock.h"
#include "native/file/named_file.h"
#include "native/file/staged_file.h"
#include "native/runtime/background.h"
#include "native/runtime/failure_binding.h"
#include "native/runtime/handle.h"

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
  const Identity identity = identity_of(from);
  return array_of(env, {number_to(env, identity.dev), number_to(env, identity.ino), number_to(env, identity.size),
                        Napi::BigInt::New(env, identity.mtime_ns)});
}

std::optional<Identity> identity_from(const Napi::Value& from) {
  if (!from.IsArray()) return std::nullopt;
  const auto parts = from.As<Napi::Array>();
  bool lossless = true;
  const auto number = [&](uint32_t index) { return parts.Get(index).As<Napi::BigInt>().Uint64Value(&lossless); };
  return Identity{number(0), number(1), number(2), parts.Get(3U).As<Napi::BigInt>().Int64Value(&lossless)};
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

// publishStaged(handle, replace, sync, attributes, version, keepExcept, lastTry, callback)
Napi::Value publish(const Napi::CallbackInfo& info) {
  struct Publishing {
    std::shared_ptr<StagedFile> file;
    Publication publication;
    struct stat stat;
    bool replaced = false;
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
  if (info[5].IsArray()) {
    const auto names = info[5].As<Napi::Array>();
    auto& except = publication.keep_except.emplace();
    for (uint32_t each = 0; each < names.Length(); ++each) except.push_back(names.Get(each).As<Napi::String>());
  }
  publication.last_try = info[6].As<Napi::Boolean>();
  publishing->file = Handle<StagedFile>::get(info[0]);
  run_in_background(
      info.Env(), info[7].As<Napi::Function>(),
      [publishing] {
        auto& [file, publication, stat, replaced, failure] = *publishing;
        failure = file->publish(publication, stat, replaced);
        if (failure.kind != "busy") file->discard();
      },
      [publishing](Napi::Env env) -> Napi::Value {
        if (publishing->failure) return failure_to(env, publishing->failure);
        return array_of(env, {identity_to(env, publishing->stat), Napi::Boolean::New(env, publishing->replaced)});
      });
  return info.Env().Undefined();
}

// Calls `callback` with what went wrong, if anything.
template <typename Work>
Napi::Value start(const Napi::Env& env, const Napi::Value& callback, Work work) {
  auto failure = std::make_shared<Failure>();
  run_in_background(
      env, callback.As<Napi::Function>(), [failure, work = std::move(work)] { *failure = work(); },
      [failure](Napi::Env env) { return *failure ? failure_to(env, *failure) : env.Undefined(); });
  return env.Undefined();
}

// removeNamed(root, path, expected, callback)
Napi::Value remove(const Napi::CallbackInfo& info) {
  const std::string root = info[0].As<Napi::String>();
  const std::string path = info[1].As<Napi::String>();
  return start(info.Env(), info[3], [root, path, expected = identity_from(info[2])] {
    Place place;
    const Failure failed = place.open(root, path);
    return failed ? failed : remove_named(place, expected);
  });
}

// moveNamed(root, path, toRoot, toPath, expected, replace, replaced, lastTry, callback)
Napi::Value move(const Napi::CallbackInfo& info) {
  struct Moving {
    std::string root, path, to_root, to_path;
    Move move;
    Failure failure;
    bool at_target = false;  // where it failed

    void run() {
      Place from, to;
      failure = from.open(root, path);
      if (failure) return;
      failure = to.open(to_root, to_path);
      at_target = bool(failure);
      if (failure) return;
      failure = move_named(from, to, move);
      at_target = failure.kind == "exists";
    }
  };
  auto moving = std::make_shared<Moving>();
  moving->root = info[0].As<Napi::String>();
  moving->path = info[1].As<Napi::String>();
  moving->to_root = info[2].As<Napi::String>();
  moving->to_path = info[3].As<Napi::String>();
  moving->move = {.expected = identity_from(info[4]),
                  .replace = static_cast<Replace>(info[5].As<Napi::Number>().Uint32Value()),
                  .replaced = identity_from(info[6]).value_or(Identity{}),
                  .last_try = info[7].As<Napi::Boolean>()};
  run_in_background(
      info.Env(), info[8].As<Napi::Function>(), [moving] { moving->run(); },
      [moving](Napi::Env env) -> Napi::Value {
        if (!moving->failure) return env.Undefined();
        Napi::Object refusal = failure_to(env, moving->failure);
        refusal.Set("atTarget", moving->at_target);
        return refusal;
      });
  return info.Env().Undefined();
}

// lockFolder(fd, callback)
Napi::Value lock(const Napi::CallbackInfo& info) {
  // The lock belongs to what both descriptors stand for, so it stays when this one is closed.
  const auto folder = std::make_shared<UniqueFd>(fcntl(info[0].As<Napi::Number>().Int32Value(), F_DUPFD_CLOEXEC, 3));
  const int error = *folder ? 0 : errno;
  return start(info.Env(), info[1], [folder, error] {
    const int failed = *folder ? lock_folder(folder->get(), Share::alone) : error;
    folder->reset();
    return failed ? lock_failure(failed) : Failure{};
  });
}

// discardStaged(handle, callback?)
Napi::Value discard(const Napi::CallbackInfo& info) {
  auto file = Handle<StagedFile>::take(info[0]);
  // Not by letting it go: a thread that worked on it may still hold it.
  const auto let_go = [file = std::move(file)] {
    if (file) file->discard();
  };
  if (info.Length() == 1) {
    let_go();
    return info.Env().Undefined();
  }
  run_in_background(info.Env(), info[1].As<Napi::Function>(), let_go, [](Napi::Env env) { return env.Undefined(); });
  return info.Env().Undefined();
}

}  // namespace

void register_staging(Napi::Env env, Napi::Object exports) {
  exports.Set("stage", Napi::Function::New(env, stage));
  exports.Set("publishStaged", Napi::Function::New(env, publish));
  exports.Set("discardStaged", Napi::Function::New(env, discard));
  exports.Set("removeNamed", Napi::Function::New(env, remove));
  exports.Set("moveNamed", Napi::Function::New(env, move));
  exports.Set("lockFolder", Napi::Function::New(env, lock));
}

}  // namespace sluice
