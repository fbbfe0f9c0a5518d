// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bpf/libbpf.h>

#include <memory>

namespace sluice {

// A bpf_object, shared by what was made from it: a program's handle must not outlive it, and detaching a USDT link uses
// it. It is closed when the last of them goes.
using OpenedObject = std::shared_ptr<bpf_object>;

inline OpenedObject own(bpf_object* object) { return OpenedObject(object, bpf_object__close); }

}  // namespace sluice
