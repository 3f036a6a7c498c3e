/**
 * Two network namespaces that talk over a bridge, with a host that is their gateway.
 *
 *     npx tsx examples/two-ns-bridge.ts             in a stand-in for the host: the machine itself is not touched; needs no root
 *     npx tsx examples/two-ns-bridge.ts --on-host   the bridge is on the machine itself
 *     npx tsx examples/two-ns-bridge.ts --keep      leaves all of it up, and says how to remove it
 *
 *     ns1: ceth0 192.168.1.10/24 ── veth0 ┐
 *                                         ├ br0 192.168.1.1/24 (host)
 *     ns2: ceth1 192.168.1.11/24 ── veth1 ┘
 */
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { RTM_GETNEIGH } from '../protocol/index.ts'
import { type HostOptions, type Link, Namespace, type Netlink, Sandbox } from '../src/index.ts'
import { example, heading, installed, mayMakeNamespaces, prove, step, until } from './lib/show.ts'

const { values: options } = parseArgs({ options: { 'on-host': { type: 'boolean' }, keep: { type: 'boolean' } } })
const onHost = options['on-host'] === true
const keep = options.keep === true

const gateway = '192.168.1.1'
const guests = [
  { name: 'ns1', address: '192.168.1.10', outside: 'veth0', inside: 'ceth0' },
  { name: 'ns2', address: '192.168.1.11', outside: 'veth1', inside: 'ceth1' },
] as const

/** Names of their own: a run never meets another's, nor yours. */
const unique = (name: string): string => `two-ns-bridge-${process.pid}-${name}`

interface Guest {
  namespace: Namespace
  nl: Netlink
  name: string
  address: string
  inside: string
}

async function main(signal: AbortSignal): Promise<void> {
  await using made = new Cleanup()

  heading('0. The host')
  let where: HostOptions = {}
  if (!mayMakeNamespaces()) {
    if (onHost || keep) throw new Error(`--${onHost ? 'on-host' : 'keep'} takes root: run it with sudo`)
    step('unshare --user --map-root-user --net --mount --pid --fork     # not root: all of it happens in a sandbox')
    where = made.use(await Sandbox.create())
  }
  const host = onHost
    ? made.use(await Namespace.current())
    : made.namespace(await Namespace.create(unique('host'), where))
  const nl = made.use(await host.netlink())
  if (!onHost) step(`ip netns add ${host.name}      # the stand-in for the host; what follows happens in there`)
  step('ip link; ip route')
  const before = await nl.link.list({ signal })
  console.log(
    `    links: ${before.map(({ name }) => name).join(' ')}; routes: ${(await nl.route.list({ signal })).length}`,
  )

  heading('1. Two namespaces')
  const boxes: Guest[] = []
  for (const guest of guests) {
    const namespace = made.namespace(await Namespace.create(unique(guest.name), where))
    step(`ip netns add ${namespace.name}`)
    const inside = made.use(await namespace.netlink())
    step(`ip -n ${namespace.name} link set lo up`)
    await inside.link.set('lo', { up: true }, { signal })
    boxes.push({ ...guest, namespace, nl: inside })
    signal.throwIfAborted()
  }
  const names = await Namespace.list(where)
  prove(
    `ip netns list shows ${boxes.map(({ name }) => name).join(' and ')}`,
    boxes.every(({ namespace }) => names.includes(namespace.name ?? '')),
  )

  heading('2. A bridge on the host')
  step('ip link add br0 type bridge; ip link set br0 up')
  // Without the signal: on the machine itself it must be known whether there is something to remove. It takes a millisecond.
  await nl.link.add({ kind: 'bridge', name: 'br0', up: true })
  if (onHost) made.undo(() => nl.link.del('br0'))
  step(`ip addr add ${gateway}/24 brd + dev br0`)
  const { broadcast } = await nl.addr.add({ dev: 'br0', address: `${gateway}/24`, broadcast: '+' }, { signal })
  prove(`its broadcast address is ${broadcast}`, broadcast === '192.168.1.255')

  heading('3. A cable from each namespace to the bridge')
  for (const [i, { outside, inside }] of guests.entries()) {
    const box = boxes[i] as Guest
    step(`ip link add ${outside} type veth peer name ${inside} netns ${box.namespace.name}`)
    step(`ip link set ${outside} master br0 up; ip -n ${box.namespace.name} link set ${inside} up`)
    await nl.link.add(
      {
        kind: 'veth',
        name: outside,
        master: 'br0',
        up: true,
        data: { peer: { name: inside, namespace: box.namespace, up: true } },
      },
      { signal },
    )
    step(`ip -n ${box.namespace.name} addr add ${box.address}/24 dev ${inside}`)
    await box.nl.addr.add({ dev: inside, address: `${box.address}/24` }, { signal })
    const connected = (await box.nl.route.list({ family: 'inet', signal })).find(({ to }) => to === '192.168.1.0/24')
    prove(
      `connected route in ${box.name}: 192.168.1.0/24 dev ${connected?.dev} proto kernel scope link src ${connected?.src}`,
      connected?.dev === inside &&
        connected.protocol === 'kernel' &&
        connected.scope === 'link' &&
        connected.src === box.address,
    )
  }
  step('bridge link show br0')
  const ports = await until(
    () => nl.link.list({ master: 'br0', signal }),
    (links) => links.every((link) => portOf(link).state === 'forwarding'),
    signal,
  )
  for (const port of ports) {
    const { state, priority, cost } = portOf(port)
    prove(`port ${port.name}: state ${state} priority ${priority} cost ${cost}`, state === 'forwarding')
  }

  heading('4. They reach each other')
  const [one, two] = boxes as [Guest, Guest]
  await echo(one, two, signal)
  await echo(two, one, signal)
  await ping(one, two.address, signal)
  await ping(two, one.address, signal)

  heading('5. Default routes, and the host as the gateway')
  for (const { namespace, nl: inside, name } of boxes) {
    step(`ip -n ${namespace.name} route add default via ${gateway}`)
    await inside.route.add({ to: 'default', via: gateway }, { signal })
    const { via, dev } = await inside.route.get('192.0.2.1', { signal })
    prove(`from ${name}, 192.0.2.1 goes via ${via} dev ${dev}`, via === gateway)
  }
  step('sysctl -w net.ipv4.ip_forward=1')
  const forwarding = await host.sysctl.get('net.ipv4.ip_forward')
  if (onHost) made.undo(() => host.sysctl.set('net.ipv4.ip_forward', forwarding))
  await host.sysctl.set('net.ipv4.ip_forward', 1)
  prove('the host forwards', (await host.sysctl.get('net.ipv4.ip_forward')) === '1')
  await ping(one, gateway, signal)
  await echo({ namespace: host, name: 'the host', address: gateway }, one, signal)
  await echo(one, { namespace: host, name: 'the host', address: gateway }, signal)

  step('bridge fdb show br br0')
  const bridge = await nl.link.get('br0', { signal })
  const entries = await nl.dump(RTM_GETNEIGH, { header: { family: 'bridge' }, master: bridge.index }, { signal })
  for (const { nl: inside, inside: dev, name } of boxes) {
    const { address } = await inside.link.get(dev, { signal })
    const entry = entries.find(({ lladdr }) => lladdr === address)
    const port = entry && (await nl.link.get(entry.header.ifindex, { signal })).name
    prove(`the bridge has learnt ${address} of ${name} on ${port}`, port !== undefined)
  }

  if (keep) {
    made.keep()
    heading('Left up (--keep):')
    for (const name of made.names) console.log(`  ip netns exec ${name} ip -d addr`)
    console.log('Remove it with:')
    if (onHost) console.log('  ip link del br0')
    for (const name of made.names) console.log(`  ip netns del ${name}`)
  }
}

/** What a link is to its bridge. */
function portOf({ slaveData }: Link): { state?: string | number; priority?: number; cost?: number } {
  return slaveData instanceof Uint8Array || slaveData === undefined ? {} : slaveData
}

type End = Pick<Guest, 'namespace' | 'name' | 'address'>

/** A TCP server in one namespace answers a client in the other, both in this process. */
async function echo(from: End, to: End, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const server = await to.namespace.listen({ host: to.address, port: 0 }, (socket) => socket.pipe(socket))
  try {
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const socket = await from.namespace.connect({ host: to.address, port, signal })
    const text = `hello from ${from.name}`
    socket.end(text)
    let answer = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk
    })
    await once(socket, 'end', { signal })
    prove(`TCP from ${from.name} to ${to.name} (${to.address}): '${answer}'`, answer === text)
  } finally {
    server.close()
  }
}

async function ping({ namespace, name }: Guest, address: string, signal: AbortSignal): Promise<void> {
  if (!installed('ping')) {
    console.log('    (ping is not installed: left out)')
    return
  }
  step(`ip netns exec ${namespace.name} ping -c 1 ${address}`)
  const { stdout } = await namespace.exec('ping', ['-c', '1', '-W', '2', address], { cancelSignal: signal })
  prove(`${name} pings ${address}`, stdout.includes(' 0% packet loss'))
}

/** Undoes in reverse order what was made, whatever fails on the way. */
class Cleanup implements AsyncDisposable {
  readonly names: string[] = []
  #undo: (() => Promise<unknown>)[] = []
  #keep = false

  use<T extends AsyncDisposable & { close(): Promise<void> }>(resource: T): T {
    this.#undo.push(() => (this.#keep ? resource.close() : Promise.resolve(resource[Symbol.asyncDispose]())))
    return resource
  }

  namespace(namespace: Namespace): Namespace {
    if (namespace.name !== undefined) this.names.push(namespace.name)
    return this.use(namespace)
  }

  undo(action: () => Promise<unknown>): void {
    this.#undo.push(async () => {
      if (!this.#keep) await action()
    })
  }

  keep(): void {
    this.#keep = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = []
    for (const action of this.#undo.splice(0).reverse()) await action().catch((error: unknown) => failures.push(error))
    if (failures.length > 0)
      throw new AggregateError(failures, `could not be removed: ${failures.map(String).join('; ')}`)
  }
}

await example(main)
