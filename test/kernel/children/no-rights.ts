/** Started as a user without rights: what each service says, as JSON. The namespace is a throw-away one. */
import { Netlink, NetlinkError } from '../../../src/index.ts'

async function told(act: () => Promise<unknown>): Promise<object> {
  try {
    await act()
    return { done: true }
  } catch (error) {
    if (!(error instanceof NetlinkError)) return { thrown: String(error) }
    const { code, operation, path, outcome, message } = error
    return { code, operation, path, outcome, message }
  }
}

async function main(): Promise<void> {
  const nl = await Netlink.open()
  const answers = {
    // Looking is everybody's right.
    list: (await nl.link.list()).map(({ name }) => name),
    link: await told(() => nl.link.add({ kind: 'veth', name: 'v9', data: { peer: { name: 'v8', up: true } } })),
    set: await told(() => nl.link.set('v0', { mtu: 1400 })),
    addr: await told(() => nl.addr.add({ dev: 'v0', address: '192.0.2.7/24' })),
    route: await told(() => nl.route.add({ to: '10.0.0.0/8', dev: 'v0' })),
  }
  await nl.close()
  console.log(JSON.stringify(answers))
}

void main()
