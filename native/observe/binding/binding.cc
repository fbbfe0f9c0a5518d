// SPDX-License-Identifier: Apache-2.0
#include "native/observe/binding/binding.h"

#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "native/engine/outcome_binding.h"
#include "native/file/binding.h"
#include "native/observe/binding/counts.h"
#include "native/observe/observer.h"
#include "native/runtime/environment.h"
#include "native/runtime/failure_binding.h"

namespace sluice {
namespace {

std::vector<std::string> strings_of(const Napi::Value& value) {
  const auto list = value.As<Napi::Array>();
  std::vector<std::string> strings;
  for (uint32_t i = 0; i < list.Length(); ++i) strings.push_back(list.Get(i).As<Napi::String>());
  return strings;
}

std::optional<ObservePrograms::Descriptors> programs_of(const Napi::Value& value) {
  if (!value.IsObject()) return std::nullopt;
  const auto from = value.As<Napi::Object>();
  const auto number = [&](const char* name) { return from.Get(name).As<Napi::Number>().Int32Value(); };
  ObservePrograms::Descriptors to{number("finish"),
                                  number("control"),
                                  number("notes"),
                                  number("sums"),
                                  static_cast<uint32_t>(number("method")),
                                  {}};
  const auto hooks = from.Get("hooks").As<Napi::Array>();
  for (uint32_t i = 0; i < hooks.Length(); ++i) to.hooks.push_back(hooks.Get(i).As<Napi::Number>());
  return to;
}

ObserveSettings settings_of(const Napi::Object& from) {
  return {.programs = programs_of(from.Get("programs")),
          .roots = strings_of(from.Get("roots")),
          .journal = from.Get("journal").As<Napi::String>(),
          .algorithms = from.Get("algorithms").As<Napi::Number>(),
          .smallest = static_cast<uint64_t>(from.Get("smallest").As<Napi::Number>().Int64Value()),
          .shared = from.Get("shared").As<Napi::Boolean>(),
          .attributes = strings_of(from.Get("attributes")),
          .read = strings_of(from.Get("read")),
          .undated = strings_of(from.Get("undated")),
          .setter = from.Get("setter").As<Napi::String>()};
}

const char* name_of(Report::Kind kind) {
  static const char* const names[] = {"offered", "value",      "retracted", "unknown",
                                      "lost",    "unrecorded", "folder",    "ended"};
  return names[static_cast<size_t>(kind)];
}

const char* name_of(Why why) {
  static const char* const names[] = {"found", "moved", "changed", "closed"};
  return names[static_cast<size_t>(why)];
}

const char* name_of(Origin origin) {
  static const char* const names[] = {"hook", "follow", "reread"};
  return names[static_cast<size_t>(origin)];
}

// A name is bytes.
Napi::Value bytes_to(Napi::Env env, const std::string& bytes) {
  return Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
}

Napi::Array attributes_to(Napi::Env env, const Attributes& from) {
  Napi::Array to = Napi::Array::New(env);
  for (const auto& [name, value] : from) {
    Napi::Array pair = Napi::Array::New(env, 2);
    pair.Set(0u, name);
    pair.Set(1u, Napi::Buffer<uint8_t>::Copy(env, value.data(), value.size()));
    to.Set(to.Length(), pair);
  }
  return to;
}

// Puts one value after the other into a list: to make objects with named properties takes longer, and to clean up after
// them.
class Row {
 public:
  Row(Napi::Env env, Report::Kind kind) : env_(env), list_(Napi::Array::New(env)) { put(name_of(kind)); }

  template <typename Value>
  void put(const Value& value) {
    list_.Set(length_++, Napi::Value::From(env_, value));
  }

  Napi::Env env() const { return env_; }
  Napi::Array list() const { return list_; }

 private:
  Napi::Env env_;
  Napi::Array list_;
  uint32_t length_ = 0;
};

void put_seen(const Report& from, Row& to) {
  // What is not UTF-8 is replaced.
  to.put(from.path);
  to.put(static_cast<double>(from.dev));
  to.put(static_cast<double>(from.ino));
  to.put(from.generation);
  to.put(name_of(from.why));
  to.put(from.pid);
  to.put(from.comm);
}

void put_summed(const Report& from, uint32_t algorithms, Row& to) {
  to.put(values_to(to.env(), from.values, algorithms));
  to.put(name_of(from.origin));
  to.put(reason_of(from));
  to.put(Napi::BigInt::New(to.env(), from.stamps.size));
  to.put(Napi::BigInt::New(to.env(), from.stamps.mtime_ns));
}

// As lib/native/observe.ts has it.
Napi::Array report_to(Napi::Env env, const Report& from, uint32_t algorithms) {
  using enum Report::Kind;
  Row to(env, from.kind);
  switch (from.kind) {
    case offered:
      to.put(static_cast<double>(from.token));
      to.put(name_of(from.why));
      put_summed(from, algorithms, to);
      to.put(attributes_to(env, from.kept));
      break;
    case value:
      put_seen(from, to);
      put_summed(from, algorithms, to);
      break;
    case retracted:
    case unknown:
      put_seen(from, to);
      to.put(failure_to(env, from.failure));
      break;
    case lost:
      to.put(Napi::BigInt::New(env, from.time_ns));
      break;
    case folder:
      to.put(bytes_to(env, from.path));
      to.put(bytes_to(env, from.id));
      break;
    case unrecorded:
    case ended:
      to.put(failure_to(env, from.failure));
      break;
  }
  return to.list();
}

// As lib/native/observe.ts has it.
Failure refusal_of(const Napi::Value& from) {
  if (from.IsUndefined()) return {FailureKind::differs};
  Failure no_room = system_failure(ENOSPC, "fsetxattr", Subject::attribute);
  no_room.detail = from.As<Napi::String>();
  return no_room;
}

Result<std::vector<AttributeChange>> changes_of(const Napi::Value& from) {
  if (!from.IsArray()) return refusal_of(from);
  const auto list = from.As<Napi::Array>();
  std::vector<AttributeChange> changes;
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const auto pair = list.Get(i).As<Napi::Array>();
    AttributeChange change{pair.Get(0u).As<Napi::String>(), std::nullopt};
    if (const Napi::Value value = pair.Get(1u); value.IsTypedArray()) {
      const auto bytes = value.As<Napi::Uint8Array>();
      change.second.emplace(bytes.Data(), bytes.Data() + bytes.ByteLength());
    }
    changes.push_back(std::move(change));
  }
  return changes;
}

std::vector<ObserveAnswer> answers_of(const Napi::Array& from) {
  std::vector<ObserveAnswer> answers;
  for (uint32_t i = 0; i < from.Length(); ++i) {
    const auto pair = from.Get(i).As<Napi::Array>();
    answers.push_back({static_cast<uint64_t>(pair.Get(0u).As<Napi::Number>().Int64Value()), changes_of(pair.Get(1u))});
  }
  return answers;
}

// Brings the reports of an observer to JavaScript, several at a time. The process stays alive until the last one.
class Bringer : public std::enable_shared_from_this<Bringer> {
 public:
  Bringer(std::shared_ptr<Observer> observer, uint32_t algorithms, Napi::Function told)
      : observer_(std::move(observer)), algorithms_(algorithms), told_(Napi::Persistent(told)) {}

  void wait(Napi::Env env) {
    Environment& environment = Environment::of(env);
    const Ticket ticket = environment.expect([self = shared_from_this()](Napi::Env env) { self->bring(env); },
                                             [observer = observer_] { observer->stop(); });
    observer_->outbox().await([mailbox = environment.mailbox(), ticket] { mailbox->send(ticket); });
  }

 private:
  void bring(Napi::Env env) {
    const std::vector<Report> reports = observer_->outbox().take();
    if (reports.back().kind != Report::Kind::ended) wait(env);
    Napi::Array told = Napi::Array::New(env, reports.size());
    for (uint32_t i = 0; i < reports.size(); ++i) told.Set(i, report_to(env, reports[i], algorithms_));
    told_.Call({told});
  }

  const std::shared_ptr<Observer> observer_;
  const uint32_t algorithms_;
  const Napi::FunctionReference told_;
};

Napi::Object root_failure_to(Napi::Env env, const Failure& from, const std::string& root) {
  Napi::Object to = failure_to(env, from);
  to.Set("root", root);
  return to;
}

Napi::Value answer_to(Napi::Env env, Result<bool> from) {
  return result_to(env, from, [&](bool is) { return Napi::Boolean::New(env, is); });
}

Napi::Value observe(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  ObserveSettings settings = settings_of(info[0].As<Napi::Object>());
  const uint32_t algorithms = settings.algorithms;
  const auto observer = std::make_shared<Observer>(std::move(settings));
  if (const Result<> started = observer->start(); !started)
    return root_failure_to(env, started.failure(), observer->reached());
  std::make_shared<Bringer>(observer, algorithms, info[1].As<Napi::Function>())->wait(env);

  Napi::Object to = Napi::Object::New(env);
  if (const auto& untested = observer->untested())
    to.Set("untested", root_failure_to(env, untested->why, untested->root));
  to.Set("answer", Napi::Function::New(env, [observer](const Napi::CallbackInfo& info) {
           observer->answer(answers_of(info[0].As<Napi::Array>()));
         }));
  to.Set("contains", Napi::Function::New(env, [observer](const Napi::CallbackInfo& info) {
           return answer_to(info.Env(), observer->contains(info[0].As<Napi::Number>().Int32Value()));
         }));
  to.Set("openFolder", Napi::Function::New(env, [observer](const Napi::CallbackInfo& info) -> Napi::Value {
           const auto id = info[0].As<Napi::Buffer<char>>();
           Result<UniqueFd> opened = observer->open_folder({id.Data(), id.Length()});
           if (opened && !*opened) return info.Env().Undefined();
           return result_to(info.Env(), opened, [&](UniqueFd& fd) {
             return descriptor_to(info.Env(), std::make_shared<UniqueFd>(std::move(fd)));
           });
         }));
  to.Set("lookAt", Napi::Function::New(env, [observer](const Napi::CallbackInfo& info) {
           const auto name = info[2].As<Napi::Buffer<char>>();
           const int fd = info[0].As<Napi::Number>().Int32Value();
           const int folder = info[1].As<Napi::Number>().Int32Value();
           return result_to(info.Env(), observer->look_at(fd, folder, std::string(name.Data(), name.Length())));
         }));
  to.Set("wasPending", Napi::Function::New(env, [observer](const Napi::CallbackInfo& info) {
           return answer_to(info.Env(), observer->was_pending(info[0].As<Napi::Number>().Int32Value()));
         }));
  to.Set("walked", Napi::Function::New(env, [observer](const Napi::CallbackInfo&) { observer->walked(); }));
  if (const auto& past = observer->past()) {
    to.Set("begunNs", Napi::BigInt::New(env, past->begun));
    to.Set("sinceNs", Napi::BigInt::New(env, past->since));
  }
  to.Set("counts", Napi::Function::New(env, [observer](const Napi::CallbackInfo& info) {
           return counts_to(info.Env(), observer->counts());
         }));
  to.Set("stop", Napi::Function::New(env, [observer](const Napi::CallbackInfo&) { observer->stop(); }));
  return to;
}

}  // namespace

void register_observe(Napi::Env env, Napi::Object exports) {
  exports.Set("observe", Napi::Function::New(env, observe));
}

}  // namespace sluice
