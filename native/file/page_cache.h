// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sluice {

// Gives one file's pages back, those of no other file. What is dirty is written out first, because dirty pages stay.
// Pages that are mapped or in use stay too: resident_bytes tells. Returns 0 or -errno.
int drop_from_page_cache(int fd);

// How much of the file the page cache holds, in bytes, or -errno. The kernel answers only to those who may write the
// file or own it; to others it claims that all of it is there.
int64_t resident_bytes(int fd);

}  // namespace sluice
