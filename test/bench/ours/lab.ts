/**
 * lab long|short setup|teardown N [all]: the steps of c/lab.c, one lab after another, or all at once.
 */
import { Namespace, Netlink } from '../../../src/index.ts'
import { argument, begin, report } from './clock.ts'

const long = argument(0) === 'long'
const n = Number(argument(2))
const nl = await Netlink.open()
const gateway = '10.200.0.1'

async function setup(i: number): Promise<void> {
  const namespace = await Namespace.create(`lab${i}`)
  const name = `h${i}`
  if (long) {
    await nl.link.add({ kind: 'veth', name, data: { peer: { name: `p${i}` } } })
    await nl.link.set(`p${i}`, { namespace })
  } else {
    await nl.link.add({ kind: 'veth', name, master: 'br0', up: true, data: { peer: { name: 'eth0', namespace } } })
  }
  const inside = await namespace.netlink()
  if (long) await inside.link.set(`p${i}`, { name: 'eth0' })
  // In their order, and in one write.
  await Promise.all([
    inside.link.set('eth0', { up: true }),
    inside.addr.add({ dev: 'eth0', address: `10.200.${Math.floor(i / 250)}.${(i % 250) + 2}/16` }),
    inside.route.add({ to: 'default', via: gateway, dev: 'eth0' }),
  ])
  if (long) await nl.link.set(name, { master: 'br0', up: true })
  await inside.close()
  await namespace.close()
}

async function teardown(i: number): Promise<void> {
  if (long) await nl.link.del(`h${i}`)
  const namespace = await Namespace.open(`lab${i}`)
  // The short way waits until the kernel has taken the pairs down.
  await namespace.delete({ wait: !long })
}

const all = argument(3) === 'all'
async function each(step: (i: number) => Promise<void>): Promise<void> {
  if (all) await Promise.all(Array.from({ length: n }, (_, i) => step(i)))
  else for (let i = 0; i < n; i += 1) await step(i)
}

begin()
if (argument(1) === 'setup') {
  await nl.link.add({ kind: 'bridge', name: 'br0', up: true })
  await nl.addr.add({ dev: 'br0', address: `${gateway}/16` })
  await each(setup)
} else {
  const labs = each(teardown)
  // The C program does not wait for the labs either before it deletes the bridge.
  if (!all) await labs
  await Promise.all([labs, nl.link.del('br0')])
}
report(n, n)
await nl.close()
