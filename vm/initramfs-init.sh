#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
# First process of a kernel whose virtiofs is a module: insert the modules, mount the host's tree, go there.
while read -r module; do
	/bin/busybox insmod "/modules/$module" || echo "sluice-vm: cannot insert $module" >&2
done < /modules/order
/bin/busybox mount -t virtiofs -o ro host /root || echo "sluice-vm: cannot mount the host's tree" >&2
exec /bin/busybox switch_root /root "$SLUICE_VM_INIT"
