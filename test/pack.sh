#!/usr/bin/env bash
# What a user gets: packs the package, installs the tarball in an empty project, imports all entry points, dumps the
# links of a namespace of its own, type-checks against the shipped declarations and runs the bin.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

tarball=$(npm pack --silent --pack-destination "$work" | tail -n 1)
if tar -tzf "$work/$tarball" | grep -vE '^package/(dist/(src|protocol)/|README\.md$|LICENSE$|CHANGELOG\.md$|package\.json$)'; then
  echo 'the tarball holds the files above, which a user does not need' >&2
  exit 1
fi

cd "$work"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund "./$tarball"
cat >links.mjs <<'JS'
import { Netlink } from 'netlink-ts'
import { tcp } from 'netlink-ts/nft'
import { decodeMessages } from 'netlink-ts/protocol'
if (tcp.dport(80).match.right !== 80) throw new Error('netlink-ts/nft makes no rules')
if (typeof decodeMessages !== 'function') throw new Error('netlink-ts/protocol has no decodeMessages')
const nl = await Netlink.open()
try {
  const names = (await nl.link.list()).map((link) => link.name)
  if (!names.includes('lo')) throw new Error(`no lo in ${names.join(' ')}`)
  console.log(`links: ${names.join(' ')}`)
} finally {
  await nl.close()
}
JS
# A namespace of its own where that is allowed; reading the caller's links changes nothing either.
run=()
unshare --net true 2>/dev/null && run=(unshare --net)
timeout 30 "${run[@]}" node links.mjs
# The declarations hold in the strictest project: no library check is skipped.
cat >use.mts <<'TS'
import { Netlink, NetlinkError } from 'netlink-ts'
import { accept, masquerade, tcp } from 'netlink-ts/nft'
import { decodeMessages } from 'netlink-ts/protocol'
const nl: Netlink = await Netlink.open()
for (const link of await nl.link.list()) console.log(link.name, decodeMessages, NetlinkError)
await nl.nft.batch((b) => void b.rule.add({ table: 't', chain: 'c', rule: [tcp.dport(80), accept()] }))
await nl.close()
// @ts-expect-error: an address of its own is no masquerading.
masquerade({ to: '192.0.2.1' })
// @ts-expect-error: the name is no number.
await nl.link.add({ kind: 'bridge', name: 1 })
export {}
TS
ln -s "$root/node_modules/@types" node_modules/@types
"$root/node_modules/.bin/tsc" --ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --skipLibCheck false --types node \
  --module nodenext --target es2022 --lib es2023,esnext.disposable use.mts
# RTM_GETLINK with NLM_F_DUMP: nlmsghdr and ifinfomsg (little-endian machines).
hex='20000000 12000103 01000000 00000000 00000000 00000000 00000000 00000000'
timeout 30 npx --no-install netlink-ts decode --protocol route "$hex" | grep RTM_GETLINK
json=$(timeout 30 npx --no-install netlink-ts decode --protocol route --json "$hex")
[ "$(printf '%s\n' "$json" | timeout 30 npx --no-install netlink-ts encode --protocol route)" = "${hex// /}" ]
echo 'the packed package works'
