#!/bin/sh
# Boots systemd as the first process of namespaces of its own, on this system's files without changing them:
# unshare --mount sh boot.sh FOLDER CHECKOUT. Each line of standard input boots it, once the last is dead;
# what it wrote stays from one boot to the next. For tests.service.machine.
set -eu

folder=$1 checkout=$2 root=$1/root group=$1/groups/kiosk-machine-$$

mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$folder"
mkdir "$folder/upper" "$folder/work" "$root" "$folder/groups"
mount -t overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" overlay "$root"
mkdir "$root/old"
# Of this computer's own services none: the kiosk's is the only one.
rm -rf "$root"/etc/systemd/system/*.wants "$root/etc/machine-id"
touch "$root/etc/machine-id"
mount -t cgroup2 cgroup2 "$folder/groups"
mkdir "$group"
trap 'find "$group" -depth -type d -exec rmdir {} +' EXIT

machine='
set -eu
root=$1 checkout=$2
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/sys/fs/cgroup" 2>/dev/null || true
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root$checkout"  # not sooner: it may lie below one of those
mount --bind "$checkout" "$root$checkout"
mount -o remount,bind,ro "$root$checkout"
cd "$root"
pivot_root . old
umount -l /old
cd /
exec env -i container=kiosk PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --show-status=0
'
while read -r _; do
    sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$group" \
        unshare --fork --kill-child --pid --cgroup --uts --ipc --net --mount sh -c "$machine" sh "$root" "$checkout" || true
done
