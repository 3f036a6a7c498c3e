/**
 * Guests behind a bridge reach the Internet: forwarding and masquerading (`iptables -t nat -A POSTROUTING -s 192.168.1.0/24 ! -o br0 -j MASQUERADE`).
 *
 *     npx tsx examples/nat-masquerade.ts            in namespaces of its own: the machine is not touched; needs no root
 *
 * The network is that of lib/network.ts: guests on a bridge, a host, a router, an Internet host that knows nothing of the guests' addresses.
 */
import { ask, asked, type Box, network, serve, silent } from './lib/network.ts'
import { example, heading, prove, show, step } from './lib/show.ts'

async function main(signal: AbortSignal): Promise<void> {
  heading('0. Two guests on a bridge, the host, a router, and an Internet host')
  await using net = await network()
  const { host, internet, guest, neighbour } = net
  await using _server = await serve(internet, 80)
  prove(
    `the host reaches ${internet.address}, seen as ${host.address}`,
    (await ask(host, internet.address, 80)) === host.address,
  )

  heading('1. Without forwarding the guest reaches the host, and nobody behind it')
  signal.throwIfAborted()
  prove('no answer', await silent(guest, internet.address, 80))

  heading('2. With forwarding its packets arrive, and the answers do not find back')
  step('sysctl -w net.ipv4.ip_forward=1')
  await using _forwarding = await host.nl.nat.forwarding()
  const arrivals = await packets(internet)
  prove('no answer', await silent(guest, internet.address, 80))
  prove('though packets have come in', (await packets(internet)) > arrivals)

  heading('3. With masquerading they come from an address that is known')
  signal.throwIfAborted()
  step('iptables -t nat -A POSTROUTING -s 192.168.1.0/24 ! -o br0 -j MASQUERADE')
  {
    await using rule = await host.nl.nat.masquerade({ source: '192.168.1.0/24', outNot: 'br0' })
    for (const box of [guest, neighbour])
      prove(`${box.name} is seen as ${host.address}`, (await asked(box, internet.address, 80)) === host.address)
    await using _local = await serve(neighbour, 80)
    prove(`on the bridge it is itself, ${guest.address}`, (await asked(guest, neighbour.address, 80)) === guest.address)
    show(await host.nl.nft.list({ family: 'inet' }))
    const again = await host.nl.nat.masquerade({ source: '192.168.1.0/24', outNot: 'br0' })
    prove('asked for once more it is not made again', !again.created && (await host.nl.nat.list()).length === 1)
    step(`(removed at the end of the block: '${rule.name}')`)
  }

  heading('4. All of it is gone')
  const { tables } = await host.nl.nft.list()
  prove('no table is left', tables.length === 0)
  prove('no answer', await silent(guest, internet.address, 80))
}

/** How many packets have come to a host by eth0. */
async function packets({ nl }: Box): Promise<bigint> {
  return BigInt((await nl.link.get('eth0')).stats?.rxPackets ?? 0)
}

await example(main)
