/** Started as a user without rights: what nl.nft, nl.nat and nl.conntrack say of the namespace it is in, and of a sandbox. Prints JSON. */
import { Namespace, Netlink, NetlinkError, Sandbox } from '../../../src/index.ts'

type Told = Record<string, unknown>

async function told(action: () => Promise<unknown>): Promise<unknown> {
  try {
    await action()
    return 'done'
  } catch (error) {
    if (!(error instanceof NetlinkError)) return { thrown: String(error) }
    const { code, operation, path, outcome, message } = error
    return { code, operation, path, outcome, message }
  }
}

async function all(nl: Netlink): Promise<Told> {
  const answers: Told = {}
  const note = async (name: string, action: () => Promise<unknown>) => {
    answers[name] = await told(action)
  }
  await note('nft.batch', () =>
    nl.nft.batch((b) => {
      b.table.add({ name: 't' })
      b.chain.add({ table: 't', name: 'c' })
    }),
  )
  await note('nft.table.add', () => nl.nft.table.add({ name: 'u' }))
  await note('nft.list', () => nl.nft.list())
  await note('nft.update', () => nl.nft.update((_, b) => void b.table.add({ name: 'v' })))
  await note('nft.rule.list', async () => nl.nft.rule.list())
  await note('nat.masquerade', () => nl.nat.masquerade({ source: '10.0.0.0/8' }))
  await note('nat.forward', () => nl.nat.forward({ protocol: 'tcp', port: 80, to: '10.0.0.1:80' }))
  await note('nat.remove', () => nl.nat.remove('masquerade 10.0.0.0/8'))
  await note('nat.list', () => nl.nat.list())
  await note('nat.forwarding', () => nl.nat.forwarding())
  await note('conntrack.list', async () => nl.conntrack.list())
  await note('conntrack.count', () => nl.conntrack.count())
  await note('conntrack.flush', () => nl.conntrack.flush())
  return answers
}

async function main(): Promise<void> {
  const nl = await Netlink.open()
  const without = await all(nl)
  await nl.close()
  const sandbox = await Sandbox.create()
  const inside = await sandbox.netlink()
  const within = await all(inside)
  const ns = await Namespace.create('one', sandbox)
  const deeper = await ns.netlink()
  const deep = await all(deeper)
  await deeper.close()
  await inside.close()
  await sandbox.close()
  console.log(JSON.stringify({ without, within, deep }))
}

void main()
