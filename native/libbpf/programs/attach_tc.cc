// SPDX-License-Identifier: Apache-2.0
#include "native/libbpf/programs/attach_tc.h"

#include <cerrno>

namespace sluice {

Attachment attach_tc(bpf_program* program, int interface) {
  LIBBPF_OPTS(bpf_tcx_opts, newer);
  if (bpf_link* link = bpf_program__attach_tcx(program, interface, &newer)) return {link, nullptr};
  // A kernel without tcx does not know the attach type.
  if (errno != EINVAL) return {};

  const bool egress = bpf_program__expected_attach_type(program) == BPF_TCX_EGRESS;
  const bpf_tc_attach_point point = egress ? BPF_TC_EGRESS : BPF_TC_INGRESS;
  LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = interface, .attach_point = point);
  int error = bpf_tc_hook_create(&hook);
  if (error && error != -EEXIST) return errno = -error, Attachment{};
  LIBBPF_OPTS(bpf_tc_opts, filter, .prog_fd = bpf_program__fd(program));
  error = bpf_tc_attach(&hook, &filter);
  if (error) return errno = -error, Attachment{};
  // The hook is made anew: libbpf wants zeros behind its last field, which a copy need not have.
  return {nullptr, [interface, point, handle = filter.handle, priority = filter.priority] {
            LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = interface, .attach_point = point);
            LIBBPF_OPTS(bpf_tc_opts, attached, .handle = handle, .priority = priority);
            return bpf_tc_detach(&hook, &attached);
          }};
}

}  // namespace sluice
