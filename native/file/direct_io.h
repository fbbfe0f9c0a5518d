// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace sluice {

// With O_DIRECT the kernel also says one of these where nothing is wrong with the device: it has met pages that
// somebody writes through the page cache ("Direct I/O collision with buffered I/O" in its log). It writes dirty pages
// out before it reads, so that the next try may meet none.
inline bool may_be_collision(int error) { return error == EIO || error == EBUSY || error == ENOTBLK; }

// Makes a call that moves bytes, and returns their number or -errno, until no signal comes between; once more where it
// may have met a collision.
template <typename Call>
ssize_t past_collisions(bool direct, Call call) {
  ssize_t moved;
  for (bool again = direct;; again = false) {
    do {
      moved = call();
    } while (moved == -EINTR);
    if (moved >= 0 || !again || !may_be_collision(static_cast<int>(-moved))) return moved;
  }
}

// What such a call makes of the kernel's answer.
inline ssize_t or_errno(ssize_t moved) { return moved < 0 ? -errno : moved; }

// Whether the bytes that a direct read could not get are to be had by the page cache: then the device has them.
bool readable_through_cache(int fd, uint8_t* buffer, size_t length, uint64_t offset);

}  // namespace sluice
