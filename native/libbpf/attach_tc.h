// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "native/libbpf/link.h"

namespace sluice {

// Attaches a program of the section tcx/ingress or tcx/egress to an interface: by a tcx link (6.6), on older kernels as
// a filter of the clsact qdisc.
Attachment attach_tc(bpf_program* program, int interface);

}  // namespace sluice
