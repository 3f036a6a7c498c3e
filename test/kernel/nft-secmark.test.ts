/** secmark objects: what is sent is what nft sends, and where the kernel has a security module that knows contexts, it is what nft makes. */
import { expect, test } from 'vitest'
import { NFT_MSG_NEWOBJ } from '../../protocol/netfilter/nftables/operations.ts'
import { source } from '../../protocol/wire/bytes.ts'
import { eachMessage, frame } from '../../src/frame.ts'
import { Namespace } from '../../src/index.ts'
import { mapRef, secmark, tcp } from '../../src/nft/build/index.ts'
import type { NftBatch } from '../../src/nft/transaction/batch.ts'
import { listed, load, steady, text } from './nft-list.ts'

const at = { family: 'inet', table: 't' } as const
const base = (b: NftBatch, context: string): void => {
  b.table.add({ family: 'inet', name: 't' })
  b.object.add({ ...at, kind: 'secmark', name: 'sec', context })
}

const context = 'system_u:object_r:ssh_server_packet_t:s0'
/** Of nft 1.0.6: add secmark inet t sec { "system_u:object_r:ssh_server_packet_t:s0" }, without its nlmsghdr (test/fixtures/nftables.json). */
const theirs = Buffer.from(
  '01000000060001007400000008000200736563000800030000000008300004802c000100' +
    '73797374656d5f753a6f626a6563745f723a7373685f7365727665725f7061636b65745f743a7330',
  'hex',
)
const decoded = (bytes: Uint8Array) => NFT_MSG_NEWOBJ.body.decode(source(bytes), 0, bytes.length)

test('what is sent is what nft sends; where no security module knows the context, the error names the object', async () => {
  await using ns = await Namespace.create()
  const sent: Uint8Array[] = []
  await using nl = await ns.netlink({
    trace: ({ direction, bytes }) => {
      if (direction === 'send')
        eachMessage(frame(bytes), bytes.length, ({ type, offset, end }) => {
          if (type === NFT_MSG_NEWOBJ.type) sent.push(bytes.slice(offset, end))
        })
    },
  })
  const error: unknown = await nl.nft.batch((b) => base(b, context)).catch((each: unknown) => each)
  expect(sent.map(decoded)).toEqual([decoded(theirs)])
  expect(sent.map(decoded)).toMatchObject([{ name: 'sec', data: { ctx: context } }])
  if (error !== undefined) {
    expect(error).toMatchObject({ operation: 'nft.batch: object.add', commands: [{ index: 1 }] })
    expect(String(error)).toContain('sec')
    expect(await nl.nft.table.list()).toEqual([])
  }
})

/** SELinux with Debian's policy, AppArmor, SELinux before it has a policy. */
const contexts = [context, 'unconfined', 'kernel']
const marks = { name: 'marks', type: 'inet_service', map: 'secmark' } as const
const ruleset = (context: string): string => `table inet t {
  secmark sec {
    "${context}"
  }
  map marks {
    type inet_service : secmark
    elements = { 22 : "sec" }
  }
  chain c {
    meta secmark set "sec"
    meta secmark set tcp dport map @marks
  }
}
`

test('objects, maps of them and rules: as nft makes and lists them', async ({ skip }) => {
  await using ns = await Namespace.create()
  await using other = await Namespace.create()
  const known = await first(contexts, (each) => load(other, ruleset(each)))
  if (known === undefined) {
    console.log('no secmark objects here: no security module is active that knows contexts (lsm=selinux or apparmor)')
    return skip()
  }
  await using nl = await ns.netlink()
  await nl.nft.batch((b) => {
    base(b, known)
    b.set.add({ ...at, ...marks, elements: [[22, 'sec']] })
    b.chain.add({ ...at, name: 'c' })
    b.rule.add({ ...at, chain: 'c', rule: [secmark('sec')] })
    b.rule.add({ ...at, chain: 'c', rule: [secmark(tcp.dport.map(mapRef({ ...at, ...marks })))] })
  })
  expect(steady(await listed(ns))).toEqual(steady(await listed(other)))
  expect(`${await nl.nft.list()}`.trim()).toBe((await text(ns)).trim())
  expect(await nl.nft.object.list({ kind: 'secmark' })).toMatchObject([{ name: 'sec', context: known, use: 2 }])
})

/** The first that works. */
async function first<T>(all: readonly T[], action: (each: T) => Promise<unknown>): Promise<T | undefined> {
  for (const each of all) {
    const worked = await action(each).then(
      () => true,
      () => false,
    )
    if (worked) return each
  }
  return undefined
}
