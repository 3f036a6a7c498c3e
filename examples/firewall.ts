/**
 * A stateful firewall in nftables: drops by default, knows connections, counts, limits pings, blocks addresses by a set, and those who knock at
 * wrong ports by another that fills itself.
 *
 *     npx tsx examples/firewall.ts                  in namespaces of its own: the machine is not touched; needs no root
 *
 * The network is that of lib/network.ts; the firewall is the host's.
 */
import { once } from 'node:events'
import {
  accept,
  counter,
  ct,
  drop,
  icmp,
  ip,
  jump,
  limit,
  log,
  meta,
  reject,
  setRef,
  tcp,
} from '../src/nft/build/index.ts'
import { asked, type Box, echo, network, serve, silent } from './lib/network.ts'
import { example, heading, prove, show, step } from './lib/show.ts'

const filter = { family: 'inet', table: 'filter' } as const
const blocked = { ...filter, name: 'blocked', type: 'ipv4_addr', flags: ['interval'] } as const
const knockers = { ...filter, name: 'knockers', type: 'ipv4_addr', flags: ['dynamic', 'timeout'], size: 1000 } as const

/** One transaction: there is no moment at which half of it is in effect. */
async function setUp({ nl }: Box): Promise<void> {
  const chain = { ...filter, chain: 'input' } as const
  await nl.nft.batch((b) => {
    b.table.add({ family: 'inet', name: 'filter' })
    b.set.add(blocked)
    b.set.add(knockers)
    b.chain.add({ ...filter, name: 'services' })
    b.chain.add({ ...filter, name: 'input', hook: 'input', priority: 'filter', policy: 'drop' })
    b.rule.add({ ...chain, rule: [meta.iifname('lo'), accept()], comment: 'loopback' })
    b.rule.add({ ...chain, rule: [ip.saddr(setRef(blocked)), counter(), drop()] })
    b.rule.add({ ...chain, rule: [ct.state.vmap({ established: accept(), related: accept(), invalid: drop() })] })
    b.rule.add({ ...chain, rule: [icmp.type('echo-request'), limit({ rate: 5, per: 'second' }), accept()] })
    b.rule.add({ ...chain, rule: [ip.saddr(setRef(knockers)), counter(), drop()] })
    b.rule.add({ ...chain, rule: [ct.state('new'), jump('services')] })
    b.rule.add({ ...filter, chain: 'services', rule: [tcp.dport(80, '8000-8099'), counter(), accept()] })
    b.rule.add({ ...filter, chain: 'services', rule: [meta.iifname('br0'), tcp.dport(22), accept()] })
    b.rule.add({
      ...filter,
      chain: 'services',
      rule: [
        tcp.dport(23),
        setRef(knockers).add(ip.saddr, { timeout: 60 }),
        log({ prefix: 'knocked: ' }),
        reject('tcp reset'),
      ],
    })
  })
}

async function main(signal: AbortSignal): Promise<void> {
  heading('0. A host with servers on ports 22, 80, 5000 and 8007')
  await using net = await network()
  const { host, internet, guest } = net
  const servers: AsyncDisposable[] = []
  for (const port of [22, 80, 5000]) servers.push(await serve(host, port))
  await using _servers = { [Symbol.asyncDispose]: () => stop(servers) }
  servers.push(await echo(host, 8007))
  prove('all answer', (await asked(internet, host.address, 5000)) === internet.address)

  heading('1. The firewall')
  signal.throwIfAborted()
  step('nft -f firewall.nft')
  await setUp(host)
  show(await host.nl.nft.list(filter))
  prove('port 80 answers to the Internet', (await asked(internet, host.address, 80)) === internet.address)
  prove('port 22 does not', await silent(internet, host.address, 22))
  prove('port 22 answers to the guests', (await asked(guest, '192.168.1.1', 22)) === guest.address)
  prove('port 5000 answers to nobody', await silent(guest, '192.168.1.1', 5000))

  heading('2. Connections that are there stay; what the host asks for comes in')
  const connection = await internet.namespace.connect({ host: host.address, port: 8007, signal })
  await using _connection = { [Symbol.asyncDispose]: async () => void connection.destroy() }
  step('nft delete rule inet filter services handle ...     # ports 80 and 8000-8099; put back as it was afterwards')
  const services = { ...filter, chain: 'services' } as const
  const [web] = await host.nl.nft.rule.list(services)
  if (web) await host.nl.nft.rule.del(web)
  prove('a new connection to port 8007 is not made', await silent(internet, host.address, 8007))
  connection.write('still there?')
  const [echoed] = await once(connection, 'data', { signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]) })
  prove(`the one that was there: '${echoed}'`, String(echoed) === 'still there?')
  if (web) await host.nl.nft.rule.insert(web)
  await using _server = await serve(internet, 443)
  prove('the host reaches the Internet', (await asked(host, internet.address, 443)) === host.address)

  heading('3. An address is blocked, with its network')
  step('nft add element inet filter blocked { 203.0.113.0/24 }')
  await host.nl.nft.element.add({ ...filter, set: 'blocked', elements: ['203.0.113.0/24'] })
  prove('port 80 is silent', await silent(internet, host.address, 80))
  step('nft delete element inet filter blocked { 203.0.113.0/24 }')
  await host.nl.nft.element.del({ ...filter, set: 'blocked', elements: ['203.0.113.0/24'] })
  prove('port 80 answers again', (await asked(internet, host.address, 80)) === internet.address)

  heading('4. Who knocks at port 23 is not answered for a minute')
  signal.throwIfAborted()
  prove('port 23 is refused', await silent(internet, host.address, 23))
  const elements = await host.nl.nft.element.list({ ...filter, set: 'knockers' })
  prove(`${JSON.stringify(elements)} is remembered`, JSON.stringify(elements).includes(internet.address))
  prove('port 80 is silent for it', await silent(internet, host.address, 80))
  prove('and answers to others', (await asked(guest, host.address, 80)) === guest.address)
}

async function stop(servers: readonly AsyncDisposable[]): Promise<void> {
  for (const server of servers) await server[Symbol.asyncDispose]()
}

await example(main)
