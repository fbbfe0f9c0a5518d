// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "native/file/place.h"
#include "native/runtime/result.h"

namespace sluice {

// What a change may do to a file that has the destination's name.
enum class Replace : uint8_t {
  any,       // take its place, whatever it is
  nothing,   // there must be none
  expected,  // take its place if it is still a certain one
};

// Removes what has the name and is no folder; only that file in that state, if one is expected, else `differs`.
//
// A program that does not know of the folder's lock may put a file of its own there after the last look. It is noticed
// and put back; a process that is killed in between leaves it under a temporary name that is never taken back.
Result<> remove_named(const Place& place, const std::optional<Identity>& expected);

struct Move {
  std::optional<Identity> expected;  // what is moved
  Replace replace = Replace::any;
  Identity replaced;  // for Replace::expected
  // What may replace any file goes on without the lock of its folder if others keep it.
  bool last_try = false;
};

// Gives a file or a folder another name in the same file system, in one step. `differs` if it, or what has the other
// name, is not what is expected; `exists` if there is to be nothing. Of a folder only Replace::nothing makes sense.
Result<> move_named(const Place& from, const Place& to, const Move& move);

}  // namespace sluice
