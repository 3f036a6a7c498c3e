#!/usr/bin/env bash
# The kernel tests as a user who exists nowhere and has no rights: root only inside a user namespace of his own. Run as root, which makes him:
#   bash test/rootless.sh [TEST...]
# Tests that need root of the machine say so, and are skipped.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/checkout" "$work/home"
chown 54321:54321 "$work/home"

# Every step goes on in the place of the one before: a mount where everybody may look, the user, his namespaces, a /run/netns of his own.
# shellcheck disable=SC2016
unshare --mount sh -c '
  mount --bind "$1" "$2/checkout" && cd "$2/checkout" && home=$2/home && path=$3 && shift 3 &&
  exec setpriv --reuid=54321 --regid=54321 --clear-groups --inh-caps=-all \
    env -i PATH="$path" HOME="$home" TMPDIR="$home" \
    unshare --user --map-root-user --net --mount --pid --fork --kill-child --mount-proc \
    sh -c "mount -t tmpfs tmpfs /run && mkdir /run/netns && ip link set lo up && exec \"\$@\"" sh "$@"
' sh "$root" "$work" "$(dirname "$(command -v node)"):/usr/sbin:/usr/bin:/sbin:/bin" node node_modules/vitest/vitest.mjs run --configLoader runner --project kernel "$@"
