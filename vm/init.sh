#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# First process on the host's read-only tree. ttyS0 is the console, ttyS1 carries the command's output (and a
# shell's input), ttyS2 one JSON object a line for the host: {"event":"ready"} … {"event":"exit","status":N}.
# The kernel hands SLUICE_VM_RUN, SLUICE_VM_TREE and SLUICE_VM_MODULES over from its command line.

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LANG=C.UTF-8
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mountpoint -q /dev || mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t securityfs securityfs /sys/kernel/security
mount -t bpf bpf /sys/fs/bpf
mount -t debugfs debugfs /sys/kernel/debug
mount -t tracefs tracefs /sys/kernel/tracing

# Raw: no echo, no newline translation, no line limit.
stty -F /dev/ttyS1 raw -echo
stty -F /dev/ttyS2 raw -echo
# A command may run as a user who is nobody.
chmod 666 /dev/ttyS2
report() { echo "$1" > /dev/ttyS2; }
finish() {
	report "{\"event\":\"exit\",\"status\":$1}"
	sync
	echo b > /proc/sysrq-trigger
	sleep 60
}
must() { "$@" > /dev/ttyS1 2>&1 || { echo "setup failed: $*" > /dev/ttyS1; dmesg | tail -n 20 > /dev/ttyS1; finish 125; }; }

# The job and the tree may lie below a folder that is about to be covered.
job=$(cat "$SLUICE_VM_RUN/job")
cd "$SLUICE_VM_TREE" || finish 125
for folder in /run /tmp /var/tmp /mnt; do must mount -t tmpfs -o mode=1777 tmpfs $folder; done
if [ ! -e "$SLUICE_VM_TREE" ]; then
	must mkdir -p "$SLUICE_VM_TREE"
	# Not canonicalized: the current folder has no path any more.
	must mount -c --bind . "$SLUICE_VM_TREE"
	cd "$SLUICE_VM_TREE" || finish 125
fi

must ip link set lo up
if [ -n "$SLUICE_VM_MODULES" ]; then
	for module in xfs overlay loop; do must modprobe -d "$SLUICE_VM_MODULES" $module; done
fi
mkdir /mnt/ext4 /mnt/ext4-1k /mnt/xfs /mnt/overlay
# Kernels scan namespaces in parallel and number the devices in the order they were found.
disk() {
	for device in /sys/block/nvme0n*; do
		read -r id < "$device/nsid"
		[ "$id" = "$1" ] && echo "/dev/${device##*/}"
	done
}
must mount -t ext4 "$(disk 1)" /mnt/ext4
must mount -t ext4 "$(disk 2)" /mnt/ext4-1k
must mount -t xfs "$(disk 3)" /mnt/xfs
mkdir -p /mnt/ext4/.overlay/lower /mnt/ext4/.overlay/upper /mnt/ext4/.overlay/work
must mount -t overlay -o lowerdir=/mnt/ext4/.overlay/lower,upperdir=/mnt/ext4/.overlay/upper,workdir=/mnt/ext4/.overlay/work overlay /mnt/overlay
chmod 1777 /mnt/ext4 /mnt/ext4-1k /mnt/xfs /mnt/overlay

report '{"event":"ready"}'
# ttyS1 is nobody's controlling terminal here: a terminal is hung up when its session ends, which discards output.
sh -c "$job" < /dev/null > /dev/ttyS1 2>&1
status=$?
# Sets what is set already, but waits until the last byte has left the UART.
stty -F /dev/ttyS1 raw -echo
finish $status
