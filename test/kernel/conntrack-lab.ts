/** A router between a client and a server, what goes through it, and how `conntrack` tells it. */
import { once } from 'node:events'
import type { Conntrack, Namespace } from '../../src/index.ts'
import { ip, quiet } from './lab.ts'

/** Entries as lines of `conntrack -L -o extended,id`, sorted, without what runs: time left and use count. */
export async function shownBy(ns: Namespace, ...options: string[]): Promise<string[]> {
  const { stdout } = await ns.exec('conntrack', ['-L', '-o', 'extended,id', ...options], { sysfs: false })
  return steadyLines(stdout)
}

export function steadyLines(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '')
  const steady = (line: string) => line.split(/\s+/).filter((word, i) => i !== 4 && !word.startsWith('use='))
  return lines.map((line) => steady(line).join(' ')).sort()
}

const numbers: Record<string, number> = { icmp: 1, tcp: 6, udp: 17, gre: 47, icmpv6: 58, sctp: 132, udplite: 136 }

/** The same of what the library says. */
export function lineOf({ family, protocol, orig, reply, status, state, mark, zone, id }: Conntrack): string {
  const named = typeof protocol === 'string'
  const tuple = ({ src, dst, sport, dport, type, code, id, packets, bytes }: Conntrack['orig']): string[] => [
    `src=${src} dst=${dst}`,
    ...(sport === undefined
      ? []
      : [
          protocol === 'gre'
            ? `srckey=0x${sport.toString(16)} dstkey=0x${dport?.toString(16)}`
            : `sport=${sport} dport=${dport}`,
        ]),
    ...(type === undefined ? [] : [`type=${type} code=${code} id=${id}`]),
    ...(packets === undefined ? [] : [`packets=${packets} bytes=${bytes}`]),
  ]
  return [
    family === 'inet' ? 'ipv4 2' : 'ipv6 10',
    named ? `${protocol} ${numbers[protocol]}` : `unknown ${protocol}`,
    ...(state === undefined ? [] : [String(state).toUpperCase()]),
    ...tuple(orig),
    ...(status.includes('seen_reply') ? [] : ['[UNREPLIED]']),
    ...tuple(reply),
    ...(status.includes('assured') ? ['[ASSURED]'] : []),
    `mark=${mark}`,
    ...(zone === undefined ? [] : [`zone=${zone}`]),
    `id=${id}`,
  ].join(' ')
}

export const linesOf = (entries: readonly Conntrack[]): string[] => entries.map(lineOf).sort()

export interface Routed extends AsyncDisposable {
  client: Namespace
  router: Namespace
  server: Namespace
}

/**
 * 10.1.0.2 and 2001:db8:1::2 behind a router that masquerades, beside 192.0.2.2 and 2001:db8:2::2; the router's port 8080 is published: it is
 * the server's port 80.
 */
export async function routed(): Promise<Routed> {
  const [client, router, server] = await Promise.all([quiet(), quiet(), quiet()])
  for (const [name, value] of Object.entries({
    'net.ipv4.ip_forward': 1,
    'net.ipv6.conf.all.forwarding': 1,
    'net.netfilter.nf_conntrack_acct': 1,
    'net.netfilter.nf_conntrack_timestamp': 0,
  }))
    await router.sysctl.set(name, value)
  await using nl = await router.netlink()
  for (const [name, namespace, four, six] of [
    ['c', client, '10.1.0', '2001:db8:1'],
    ['s', server, '192.0.2', '2001:db8:2'],
  ] as const) {
    await nl.link.add({ kind: 'veth', name, up: true, data: { peer: { name: 'e0', namespace, up: true } } })
    await nl.addr.add({ dev: name, address: `${four}.1/24` })
    await nl.addr.add({ dev: name, address: `${six}::1/64`, flags: ['nodad'] })
    await ip(
      namespace,
      `addr add ${four}.2/24 dev e0`,
      `addr add ${six}::2/64 dev e0 nodad`,
      `route add default via ${four}.1`,
    )
    await ip(namespace, `-6 route add default via ${six}::1`)
  }
  const rules = `table inet nat {
    chain pre { type nat hook prerouting priority dstnat; iifname c tcp dport 8080 dnat ip to 192.0.2.2:80; }
    chain post { type nat hook postrouting priority srcnat; oifname s masquerade; }
  }`
  await router.exec('nft', ['-f', '-'], { input: rules, sysfs: false })
  return {
    client,
    router,
    server,
    async [Symbol.asyncDispose]() {
      await Promise.all([client, router, server].map((each) => each.delete()))
    },
  }
}

/** A TCP connection that has carried a byte each way; it stays open until the client is ended. */
export async function connected({ client, server }: Routed, host: string, port: number, listening = port) {
  const echo = await server.listen({ port: listening }, (socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  const socket = await client.connect({ host, port })
  socket.on('error', () => undefined)
  /** Sends it, and waits until it has come back. */
  const say = async (text: string): Promise<void> => {
    socket.write(text)
    await once(socket, 'data')
  }
  await say('x')
  return {
    localPort: socket.localPort,
    say,
    async [Symbol.asyncDispose]() {
      socket.destroy()
      echo.close()
    },
  }
}
