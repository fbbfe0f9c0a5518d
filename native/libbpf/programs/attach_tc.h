// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "native/libbpf/programs/link.h"

namespace sluice {

// Attaches a program to an interface: of the section tcx/ingress or tcx/egress by a tcx link (6.6); on older kernels,
// and of the section tc, as a filter of the clsact qdisc.
Attachment attach_tc(bpf_program* program, int interface);

}  // namespace sluice
