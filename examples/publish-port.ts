/**
 * A server in a namespace is reachable from outside, as a port of the host
 * (`iptables -t nat -A PREROUTING -d HOST -p tcp --dport 5000 -j DNAT --to-destination 192.168.1.10:5000`).
 *
 *     npx tsx examples/publish-port.ts              in namespaces of its own: the machine is not touched; needs no root
 *
 * The network is that of lib/network.ts: guests on a bridge, a host, a router, an Internet host that knows nothing of the guests' addresses.
 */
import { ask, asked, network, serve, silent } from './lib/network.ts'
import { example, heading, prove, show, step } from './lib/show.ts'

async function main(signal: AbortSignal): Promise<void> {
  heading('0. A server in a guest, 192.168.1.10:5000')
  await using net = await network()
  const { host, internet, guest, neighbour } = net
  await using _server = await serve(guest, 5000)
  step('sysctl -w net.ipv4.ip_forward=1')
  await using _forwarding = await host.nl.nat.forwarding()
  // Where br_netfilter is loaded, frames that only pass the bridge are translated too, and the guest would not reach itself by way of the host.
  await host.namespace.sysctl.set('net.bridge.bridge-nf-call-iptables', 0).catch(() => undefined)
  prove('the host reaches it', (await ask(host, guest.address, 5000)) === '192.168.1.1')
  prove('nobody answers at the host', await silent(internet, host.address, 5000))

  heading('1. Published as port 5000 of the host')
  signal.throwIfAborted()
  step(
    `iptables -t nat -A PREROUTING -d ${host.address} -p tcp -m tcp --dport 5000 -j DNAT --to-destination ${guest.address}:5000`,
  )
  {
    await using rule = await host.nl.nat.forward({
      protocol: 'tcp',
      on: host.address,
      port: 5000,
      to: `${guest.address}:5000`,
    })
    const outside = await asked(internet, host.address, 5000)
    prove(`from the Internet, seen with its own address ${outside}`, outside === internet.address)

    heading('2. Where one rule of iptables is not enough')
    prove('from the host itself (hook output)', (await asked(host, host.address, 5000)) === host.address)
    const near = await asked(neighbour, host.address, 5000)
    prove(`from a neighbour of the server, masqueraded as ${near} (hairpin)`, near === '192.168.1.1')
    prove('from the server itself', (await asked(guest, host.address, 5000)) === '192.168.1.1')
    prove('from 127.0.0.1 only where that is asked for', await silent(host, '127.0.0.1', 5000))
    show(await host.nl.nft.list({ family: 'inet' }))
    await rule.remove()
  }

  heading('3. 127.0.0.1 too, on another port, on all addresses')
  signal.throwIfAborted()
  {
    await using _rule = await host.nl.nat.forward({
      protocol: 'tcp',
      port: 8080,
      to: `${guest.address}:5000`,
      localhost: true,
    })
    prove('from 127.0.0.1', (await asked(host, '127.0.0.1', 8080)) === '192.168.1.1')
    prove('from the Internet', (await asked(internet, host.address, 8080)) === internet.address)
    const [published] = await host.nl.nat.list()
    show(JSON.stringify(published))
  }

  heading('4. All of it is gone')
  prove('no table is left', (await host.nl.nft.list()).tables.length === 0)
  prove('nobody answers', await silent(internet, host.address, 5000))
}

await example(main)
