// SPDX-License-Identifier: Apache-2.0
#include "native/runtime/failure_binding.h"

#include <cstddef>
#include <iterator>

namespace sluice {
namespace {

using enum FailureKind;

struct Name {
  FailureKind kind;
  const char* name;
};

// In the order of FailureKind. The unions in lib/native say which call gives which.
constexpr Name kNames[] = {
    {system_call, "systemCall"},
    {is_directory, "isDirectory"},
    {not_a_file, "notAFile"},
    {not_readable, "notReadable"},
    {not_writable, "notWritable"},
    {bad_descriptor, "badDescriptor"},
    {not_observable, "notObservable"},
    {unseen, "unseen"},
    {no_setter, "noSetter"},
    {linked, "linked"},
    {changed, "changed"},
    {writer, "writer"},
    {range, "range"},
    {limit, "limit"},
    {io, "io"},
    {no_root, "noRoot"},
    {reserved, "reserved"},
    {exists, "exists"},
    {differs, "differs"},
    {other_device, "otherDevice"},
    {busy, "busy"},
    {no_condition, "noCondition"},
    {no_offset, "noOffset"},
    {overlap, "overlap"},
    {not_aligned, "notAligned"},
    {truncated, "truncated"},
    {collided, "collided"},
    {no_thread, "noThread"},
    {kernel_stopped, "kernelStopped"},
    {aborted, "aborted"},
};

constexpr bool in_order() {
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (static_cast<size_t>(kNames[i].kind) != i) return false;
  }
  return kNames[std::size(kNames) - 1].kind == aborted;
}
static_assert(in_order(), "each kind has its name");

const char* name_of(Subject subject) {
  switch (subject) {
    case Subject::file:
      return "file";
    case Subject::place:
      return "place";
    case Subject::lock:
      return "lock";
    case Subject::source:
      return "source";
    case Subject::sink:
      return "sink";
    case Subject::attribute:
      return "attribute";
    case Subject::journal:
      return "journal";
  }
  __builtin_unreachable();
}

}  // namespace

Napi::Object failure_to(Napi::Env env, const Failure& from) {
  Napi::Object to = Napi::Object::New(env);
  to.Set("failure", kNames[static_cast<size_t>(from.kind)].name);
  to.Set("errno", from.error);
  to.Set("call", from.call);
  to.Set("subject", name_of(from.subject));
  to.Set("detail", from.detail);
  if (from.at_target) to.Set("atTarget", true);
  return to;
}

}  // namespace sluice
