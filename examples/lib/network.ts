/**
 * The network of the examples about NAT and firewalls, all of it in namespaces: two guests on a bridge, the host that is their gateway, and
 * an Internet host that knows nothing of the guests' addresses. It takes no rights: without them it is made in a sandbox.
 *
 *     guest      192.168.1.10 ┐
 *                             ├ br0 192.168.1.1  host  172.16.0.2 eth0 ── 172.16.0.1  router  203.0.113.1 ── 203.0.113.50  internet
 *     neighbour  192.168.1.11 ┘
 */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { type HostOptions, Namespace, type Netlink, Sandbox } from '../../src/index.ts'
import { mayMakeNamespaces, step } from './show.ts'

/** A namespace with what is needed of it. */
export interface Box {
  readonly name: string
  readonly address: string
  readonly namespace: Namespace
  readonly nl: Netlink
}

const boxes = {
  host: '172.16.0.2',
  router: '172.16.0.1',
  internet: '203.0.113.50',
  guest: '192.168.1.10',
  neighbour: '192.168.1.11',
} as const

type Boxes = { readonly [N in keyof typeof boxes]: Box }

/** Disposing removes all of it. */
export interface Network extends Boxes, AsyncDisposable {}

export async function network(): Promise<Network> {
  const made: AsyncDisposable[] = []
  const dispose = async (): Promise<void> => {
    for (const each of made.splice(0).reverse()) await each[Symbol.asyncDispose]()
  }
  try {
    let where: HostOptions = {}
    if (!mayMakeNamespaces()) {
      const sandbox = await Sandbox.create()
      made.push(sandbox)
      where = sandbox
    }
    const all: Record<string, Box> = {}
    for (const [name, address] of Object.entries(boxes)) {
      const namespace = await Namespace.create(undefined, where)
      made.push(namespace)
      const nl = await namespace.netlink()
      await nl.link.set('lo', { up: true })
      // Connections that NAT left half open or half closed send their last packet again for a minute, and keep the namespace for as long.
      for (const kind of ['orphan', 'synack']) await namespace.sysctl.set(`net.ipv4.tcp_${kind}_retries`, 1)
      all[name] = { name, address, namespace, nl }
    }
    // All five are made above.
    const network = all as unknown as Boxes
    await wire(network)
    return { ...network, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

async function wire({ host, router, internet, guest, neighbour }: Boxes): Promise<void> {
  await host.nl.link.add({ kind: 'bridge', name: 'br0', up: true })
  await host.nl.addr.add({ dev: 'br0', address: '192.168.1.1/24' })
  await cable(host, 'veth0', guest, 'eth0', 'br0')
  await cable(host, 'veth1', neighbour, 'eth0', 'br0')
  await cable(host, 'eth0', router, 'lan')
  await cable(internet, 'eth0', router, 'wan')
  for (const box of [guest, neighbour]) {
    await box.nl.addr.add({ dev: 'eth0', address: `${box.address}/24` })
    await box.nl.route.add({ to: 'default', via: '192.168.1.1' })
  }
  await host.nl.addr.add({ dev: 'eth0', address: `${host.address}/24` })
  await router.nl.addr.add({ dev: 'lan', address: `${router.address}/24` })
  await router.nl.addr.add({ dev: 'wan', address: '203.0.113.1/24' })
  await internet.nl.addr.add({ dev: 'eth0', address: `${internet.address}/24` })
  await host.nl.route.add({ to: 'default', via: router.address })
  await internet.nl.route.add({ to: 'default', via: '203.0.113.1' })
  await router.namespace.sysctl.set('net.ipv4.ip_forward', 1)
}

async function cable(from: Box, name: string, to: Box, peer: string, master?: string): Promise<void> {
  const data = { peer: { name: peer, namespace: to.namespace, up: true } }
  await from.nl.link.add({ kind: 'veth', name, up: true, ...(master !== undefined && { master }), data })
}

export type Protocol = 'tcp' | 'udp'

/** A server that tells each client from which address it sees it come. */
export async function serve({ namespace }: Box, port: number, protocol: Protocol = 'tcp'): Promise<AsyncDisposable> {
  if (protocol === 'udp') {
    const socket = await namespace.udp({ port })
    socket.on('message', (_, from) => socket.send(from.address, from.port, from.address))
    return { [Symbol.asyncDispose]: async () => void socket.close() }
  }
  return listening(namespace, port, (socket) => socket.end(addressOf(socket)))
}

/** An IPv4 address is one to a socket of both families too. */
const addressOf = ({ remoteAddress = '' }: Socket): string => remoteAddress.replace(/^::ffff:/, '')

/** A TCP server that says what it hears. */
export function echo({ namespace }: Box, port: number): Promise<AsyncDisposable> {
  return listening(namespace, port, (socket) => socket.pipe(socket))
}

async function listening(ns: Namespace, port: number, answer: (socket: Socket) => unknown): Promise<AsyncDisposable> {
  const connections = new Set<Socket>()
  const server = await ns.listen({ port }, (socket) => {
    connections.add(socket)
    socket.on('error', () => undefined).on('close', () => connections.delete(socket))
    answer(socket)
  })
  const dispose = async (): Promise<void> => {
    server.close()
    for (const socket of connections) socket.destroy()
  }
  return { [Symbol.asyncDispose]: dispose }
}

/** How long to wait, in milliseconds, where no answer is what is expected. */
export const SILENCE = 500

/** What such a server answers; undefined where nobody does in time. */
export async function ask(
  { namespace }: Box,
  host: string,
  port: number,
  protocol: Protocol = 'tcp',
  patience = 5000,
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(patience)
  if (protocol === 'udp') {
    const socket = await namespace.udp()
    try {
      socket.send('who am I?', port, host)
      const [answer] = await once(socket, 'message', { signal })
      return String(answer)
    } catch {
      return undefined
    } finally {
      socket.close()
    }
  }
  const connected = await namespace.connect({ host, port, signal }).catch(() => undefined)
  try {
    const [answer] = connected ? await once(connected, 'data', { signal }) : []
    return answer && String(answer)
  } catch {
    return undefined
  } finally {
    connected?.destroy()
  }
}

/** Prints the question as the command that would ask it. */
export async function asked(from: Box, host: string, port: number): Promise<string | undefined> {
  step(`nc ${host} ${port}                # in ${from.name}`)
  return ask(from, host, port)
}

/** The same; true where nobody answers. */
export async function silent(from: Box, host: string, port: number): Promise<boolean> {
  step(`nc -w 1 ${host} ${port}           # in ${from.name}`)
  return (await ask(from, host, port, 'tcp', SILENCE)) === undefined
}
