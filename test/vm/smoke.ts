/**
 * What the machine's own kernel may lack, beside iproute2 and nft under Debian's: `bash test/vm.sh` bundles it and runs it in a virtual machine. One
 * process, as each start of Node takes seconds there. Ends with 'N passed, N failed'.
 */
import assert from 'node:assert/strict'
import { Namespace, NetlinkError } from '../../src/index.ts'
import { accept, ct, flow, ip, masquerade, meta, queue, tcp } from '../../src/nft/build/index.ts'
import type { NftRuleInput } from '../../src/nft/objects/rule-object.ts'

/** Emulated, and perhaps beside other work. */
const patient = { deadline: 300_000 }
const place = { family: 'inet', table: 't' } as const

async function nft(ns: Namespace): Promise<unknown[]> {
  const { stdout } = await ns.exec('nft', ['-j', 'list', 'ruleset'], { sysfs: false })
  const { nftables } = JSON.parse(stdout) as { nftables: object[] }
  return nftables.filter((each) => !('metainfo' in each))
}

const withoutHandles = (objects: unknown): unknown =>
  JSON.parse(JSON.stringify(objects, (key, value) => (key === 'handle' ? undefined : value)))

const tests: Record<string, () => Promise<void>> = {
  'two namespaces talk over a bridge': async () => {
    await using host = await Namespace.create()
    await using inside = await Namespace.create()
    await using nl = await host.netlink(patient)
    await nl.link.add({ kind: 'bridge', name: 'br0', up: true })
    await nl.addr.add({ dev: 'br0', address: '192.168.1.1/24' })
    const peer = { name: 'ceth0', namespace: inside, up: true }
    await nl.link.add({ kind: 'veth', name: 'veth0', master: 'br0', up: true, data: { peer } })
    await using there = await inside.netlink(patient)
    await there.addr.add({ dev: 'ceth0', address: '192.168.1.10/24' })
    await there.route.add({ to: 'default', via: '192.168.1.1' })
    await inside.exec('ping', ['-c', '1', '-W', '10', '192.168.1.1'])
    const { stdout } = await inside.exec('ip', ['-j', 'route', 'show', 'default'], { sysfs: false })
    assert.equal(JSON.parse(stdout)[0].gateway, '192.168.1.1')
  },

  'flowtables and queues, listed as nft lists them and loaded again': async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink(patient)
    for (const name of ['v0', 'v1']) await nl.link.add({ kind: 'veth', name, data: { peer: { name: `${name}p` } } })
    await nl.nft.batch((b) => {
      const rule = (chain: string, statements: NftRuleInput['rule']) =>
        b.rule.add({ ...place, chain, rule: statements })
      b.table.add({ family: 'inet', name: 't' })
      b.flowtable.add({ ...place, name: 'ft', hook: 'ingress', priority: 0, devices: ['v0', 'v1'] })
      b.chain.add({ ...place, name: 'forward', hook: 'forward', priority: 'filter' })
      b.chain.add({ ...place, name: 'post', type: 'nat', hook: 'postrouting', priority: 'srcnat' })
      rule('forward', [meta.l4proto('tcp', 'udp'), flow('ft')])
      rule('forward', [tcp.dport(80), queue({ num: 3 })])
      rule('forward', [ct.state('established', 'related'), accept()])
      rule('post', [ip.saddr('192.168.1.0/24'), masquerade()])
    })
    const theirs = await nft(ns)
    assert.equal(theirs.length, 8)
    const ruleset = await nl.nft.list()
    assert.deepEqual(withoutHandles(ruleset.toJSON().nftables), withoutHandles(theirs))
    await using again = await Namespace.create()
    await using other = await again.netlink(patient)
    for (const name of ['v0', 'v1']) await other.link.add({ kind: 'veth', name, data: { peer: { name: `${name}p` } } })
    await again.exec('nft', ['-f', '-'], { input: String(ruleset), sysfs: false })
    assert.deepEqual(withoutHandles(await nft(again)), withoutHandles(theirs))
  },

  'an error names the property': async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink(patient)
    const missing = nl.nft.chain.add({ family: 'ip', table: 'nosuch', name: 'c' })
    await assert.rejects(missing, (error) => error instanceof NetlinkError && error.code === 'ENOENT')
    assert.equal(await nl.conntrack.count(), 0)
  },
}

let failed = 0
for (const [name, test] of Object.entries(tests)) {
  const start = performance.now()
  try {
    await test()
    console.log(`ok      ${name} (${Math.round(performance.now() - start)} ms)`)
  } catch (error) {
    failed += 1
    console.log(`FAILED  ${name}:`, error)
  }
}
console.log(`${Object.keys(tests).length - failed} passed, ${failed} failed`)
if (failed > 0) process.exitCode = 1
