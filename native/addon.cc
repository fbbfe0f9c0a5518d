// SPDX-License-Identifier: Apache-2.0
#include <napi.h>

#include "native/checksum/binding.h"
#include "native/engine/binding.h"
#include "native/file/binding.h"
#include "native/file/source_binding.h"
#include "native/file/staged_binding.h"
#include "native/file/xattr_binding.h"
#include "native/libbpf/binding.h"
#include "native/observe/binding/binding.h"
#include "native/privilege/binding.h"
#include "native/probe/binding.h"
#include "native/relay/binding.h"
#include "native/runtime/environment.h"
#include "native/runtime/io_priority.h"
#include "native/system/binding.h"

namespace {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  sluice::Environment::create(env);
  sluice::register_checksum(env, exports);
  sluice::register_source(env, exports);
  sluice::register_relay(env, exports);
  sluice::register_tap(env, exports);
  sluice::register_probe(env, exports);
  sluice::register_privilege(env, exports);
  sluice::register_system(env, exports);
  sluice::register_xattr(env, exports);
  sluice::register_io_priority(env, exports);
  sluice::register_staging(env, exports);
  sluice::register_file(env, exports);
  sluice::register_observe(env, exports);
  sluice::register_libbpf(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(sluice, init)
