/**
 * Runs blocks of README.md, made a program by readme.ts, in the network namespace that it is started in, which is its own: the path of that program,
 * then the names of the functions. Each has namespaces of its own, with what its reader has.
 */
import { Namespace, type Netlink } from '../../../src/index.ts'

const given: Record<string, (nl: Netlink) => Promise<unknown>> = {
  'create, change, list and remove devices?': (nl) =>
    nl.link.add({ kind: 'veth', name: 'veth0', data: { peer: { name: 'veth1' } } }),
  'give it addresses?': bridge,
  'set up routes, and see where a packet would go?': near,
  'send thousands of changes?': near,
  'handle errors?': bridge,
}

async function bridge(nl: Netlink): Promise<void> {
  await nl.link.add({ kind: 'bridge', name: 'br0', up: true })
}
async function near(nl: Netlink): Promise<void> {
  await bridge(nl)
  await nl.addr.add({ dev: 'br0', address: '192.168.1.9/24' })
}

interface Step {
  name: string
  heading: string
}

async function main(path: string, steps: readonly Step[]): Promise<void> {
  const blocks: Record<string, () => Promise<void>> = await import(path)
  const filter = { family: 'inet', table: 'filter' }
  let nl: Netlink | undefined
  for (const { name, heading } of steps) {
    // It goes on with what the firewall has.
    if (heading !== 'read and change the rules that are there?') nl = await (await Namespace.create()).netlink()
    await using ns1 = heading === '' ? undefined : await Namespace.create('ns1')
    Object.assign(globalThis, { nl, ns1, filter, prefixes: ['10.1.0.0/16', '10.2.0.0/16'] })
    if (nl) await given[heading]?.(nl)
    const begun = performance.now()
    await blocks[name]?.()
    console.error(`${name}: ${(performance.now() - begun).toFixed()} ms`)
  }
  console.log(`${steps.length} done`)
}

const [path = '', steps = '[]'] = process.argv.slice(2)
// Of readme.test.ts
await main(path, JSON.parse(steps) as Step[])
process.exit()
