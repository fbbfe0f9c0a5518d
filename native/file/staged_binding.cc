// SPDX-License-Identifier: Apache-2.0
#include "native/file/staged_binding.h"

#include <fcntl.h>

#include <cerrno>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "native/file/folder_lock.h"
#include "native/file/named_file.h"
#include "native/file/staged_file.h"
#include "native/runtime/background.h"
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

struct Staged {
  std::shared_ptr<StagedFile> file = std::make_shared<StagedFile>();
  std::optional<struct stat> written;
};

Napi::Array staged_to(Napi::Env env, const Staged& staged) {
  const auto& [file, written] = staged;
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

Result<Staged> stage_file(const std::string& root, const std::string& path, mode_t mode,
                          const std::optional<std::vector<uint8_t>>& content) {
  Staged staged;
  if (const Result<> created = staged.file->create(root, path, mode); !created) return created.failure();
  if (content) {
    const Result<struct stat> written = staged.file->write(*content);
    if (!written) return written.failure();
    staged.written = *written;
  }
  return staged;
}

// stage(root, path, mode, content, callback)
Napi::Value stage(const Napi::CallbackInfo& info) {
  const std::string root = info[0].As<Napi::String>();
  const std::string path = info[1].As<Napi::String>();
  const auto mode = static_cast<mode_t>(info[2].As<Napi::Number>().Uint32Value());
  std::optional<std::vector<uint8_t>> content;
  if (info[3].IsTypedArray()) content = bytes_from(info[3]);
  run_in_background(
      info.Env(), info[4].As<Napi::Function>(),
      [root, path, mode, content = std::move(content)] { return stage_file(root, path, mode, content); }, staged_to);
  return info.Env().Undefined();
}

// publishStaged(handle, replace, sync, attributes, version, keepExcept, lastTry, callback)
Napi::Value publish(const Napi::CallbackInfo& info) {
  Publication publication;
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
  run_in_background(
      info.Env(), info[7].As<Napi::Function>(),
      [file = Handle<StagedFile>::get(info[0]), publication = std::move(publication)] {
        Result<Published> published = file->publish(publication);
        if (published || published.failure().kind != FailureKind::busy) file->discard();
        return published;
      },
      [](Napi::Env env, const Published& published) {
        return array_of(env, {identity_to(env, published.stat), Napi::Boolean::New(env, published.replaced)});
      });
  return info.Env().Undefined();
}

// removeNamed(root, path, expected, callback)
Napi::Value remove(const Napi::CallbackInfo& info) {
  const std::string root = info[0].As<Napi::String>();
  const std::string path = info[1].As<Napi::String>();
  run_in_background(info.Env(), info[3].As<Napi::Function>(),
                    [root, path, expected = identity_from(info[2])]() -> Result<> {
                      const Result<Place> place = Place::open(root, path);
                      if (!place) return place.failure();
                      return remove_named(*place, expected);
                    });
  return info.Env().Undefined();
}

Failure at_target(Failure failure) {
  failure.at_target = true;
  return failure;
}

// moveNamed(root, path, toRoot, toPath, expected, replace, replaced, lastTry, callback)
Napi::Value move(const Napi::CallbackInfo& info) {
  const std::string root = info[0].As<Napi::String>();
  const std::string path = info[1].As<Napi::String>();
  const std::string to_root = info[2].As<Napi::String>();
  const std::string to_path = info[3].As<Napi::String>();
  const Move move{.expected = identity_from(info[4]),
                  .replace = static_cast<Replace>(info[5].As<Napi::Number>().Uint32Value()),
                  .replaced = identity_from(info[6]).value_or(Identity{}),
                  .last_try = info[7].As<Napi::Boolean>()};
  run_in_background(info.Env(), info[8].As<Napi::Function>(), [root, path, to_root, to_path, move]() -> Result<> {
    const Result<Place> from = Place::open(root, path);
    if (!from) return from.failure();
    const Result<Place> to = Place::open(to_root, to_path);
    if (!to) return at_target(to.failure());
    Result<> moved = move_named(*from, *to, move);
    if (!moved && moved.failure().kind == FailureKind::exists) return at_target(moved.failure());
    return moved;
  });
  return info.Env().Undefined();
}

// lockFolder(fd, callback)
Napi::Value lock(const Napi::CallbackInfo& info) {
  // The lock belongs to what both descriptors stand for, so it stays when this one is closed.
  const auto folder = std::make_shared<UniqueFd>(fcntl(info[0].As<Napi::Number>().Int32Value(), F_DUPFD_CLOEXEC, 3));
  const int error = *folder ? 0 : errno;
  run_in_background(info.Env(), info[1].As<Napi::Function>(), [folder, error]() -> Result<> {
    if (!*folder) return system_failure(error, "dup", Subject::place);
    return lock_folder(folder->get(), Share::alone);
  });
  return info.Env().Undefined();
}

// discardStaged(handle, callback?)
Napi::Value discard(const Napi::CallbackInfo& info) {
  auto file = Handle<StagedFile>::take(info[0]);
  // Not by letting it go: a thread that worked on it may still hold it.
  const auto let_go = [file = std::move(file)]() -> Result<> {
    if (file) file->discard();
    return {};
  };
  if (info.Length() > 1) {
    run_in_background(info.Env(), info[1].As<Napi::Function>(), let_go);
  } else {
    std::ignore = let_go();
  }
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
