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
    {not_found, "notFound"},
    {bad_path, "badPath"},
    {is_directory, "isDirectory"},
    {not_a_file, "notAFile"},
    {not_readable, "notReadable"},
    {not_writable, "notWritable"},
    {permission, "permission"},
    {bad_descriptor, "badDescriptor"},
    {changed, "changed"},
    {writer, "writer"},
    {range, "range"},
    {limit, "limit"},
    {io, "io"},
    {outside, "outside"},
    {no_root, "noRoot"},
    {reserved, "reserved"},
    {exists, "exists"},
    {differs, "differs"},
    {gone, "gone"},
    {other_device, "otherDevice"},
    {busy, "busy"},
    {no_condition, "noCondition"},
    {no_space, "noSpace"},
    {too_long, "tooLong"},
    {attribute, "attribute"},
    {no_offset, "noOffset"},
    {overlap, "overlap"},
    {not_aligned, "notAligned"},
    {truncated, "truncated"},
    {disconnected, "disconnected"},
    {forbidden, "forbidden"},
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

}  // namespace

Napi::Object failure_to(Napi::Env env, const Failure& from) {
  Napi::Object to = Napi::Object::New(env);
  to.Set("failure", kNames[static_cast<size_t>(from.kind)].name);
  to.Set("errno", from.error);
  to.Set("detail", from.detail);
  if (from.at_target) to.Set("atTarget", true);
  return to;
}

}  // namespace sluice
