#!/bin/sh
# Brings a kiosk's intents up to date from git, if they are sound: scripts/pull_intents.sh FOLDER [BRANCH]
# FOLDER is a clone whose top holds the intent files. What `kiosk intents check` refuses is not taken;
# the kiosk then goes on with what it has, and the exit status is 1. Roll back by moving the branch back.
set -eu

folder=$1 branch=${2:-main}
kiosk=${KIOSK:-$(dirname "$0")/../.venv/bin/kiosk}

git -C "$folder" fetch --quiet origin "+refs/heads/$branch:refs/remotes/origin/$branch"
new=$(git -C "$folder" rev-parse "refs/remotes/origin/$branch")
[ "$new" != "$(git -C "$folder" rev-parse HEAD)" ] || { echo "$folder is up to date"; exit 0; }

aside=$(mktemp -d)
trap 'rm -rf "$aside"' EXIT
git -C "$folder" archive "$new" | tar -x -C "$aside"
if ! "$kiosk" intents check --intents "$aside"; then
    echo "$folder stays as it is: the new intents have faults" >&2
    exit 1
fi
git -C "$folder" reset --quiet --hard "$new"
echo "$folder is at $(git -C "$folder" log -1 --format='%h %s')"
