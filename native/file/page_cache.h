// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "native/runtime/result.h"

namespace sluice {

// Gives one file's pages back, those of no other file. What is dirty is written out first, because dirty pages stay.
// Pages that are mapped or in use stay too: resident_bytes tells.
Result<> drop_from_page_cache(int fd);

// How much of the file the page cache holds, in bytes. The kernel answers only to those who may write the
// file or own it; to others it claims that all of it is there.
Result<uint64_t> resident_bytes(int fd);

}  // namespace sluice
