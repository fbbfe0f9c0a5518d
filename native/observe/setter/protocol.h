// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdint.h>

// What the observer and the process that sets attributes for it say to each other, on a pair of SOCK_SEQPACKET sockets.
//
// A request has up to SETTER_FILES descriptors, and changes one after the other, each a header that is followed by its
// value. The answer is a setter_result for each descriptor. Before the first request, an answer for one says that the
// process is confined.

enum {
  SETTER_FILES = 64,
  SETTER_NAMES = 32,
  SETTER_VALUE = 1024,     // bytes of a value; the longest that a profile has
  SETTER_REQUEST = 65536,  // bytes of a request
  SETTER_REMOVE = 0xffff,  // in the place of a length
};

struct setter_change {
  uint8_t file;     // which of the descriptors
  uint8_t name;     // which of the names that the process was started with
  uint16_t length;  // of the value
};

// A file's first change that failed; those after it were not made.
struct setter_result {
  int32_t error;  // errno, or 0
  uint8_t name;
  uint8_t removal;
  uint8_t unused[2];
};
