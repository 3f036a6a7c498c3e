/**
 * A sandbox in use, until it is killed: namespaces come and go, programs run, sockets are opened. With an argument, the name of a namespace
 * of the machine, a pair leads there: its end is there as long as the sandbox's namespace is. 30 s at most.
 */

import { Namespace } from '../../../src/namespace/namespace.ts'
import { Sandbox } from '../../../src/namespace/sandbox.ts'
import type { Netlink } from '../../../src/netlink.ts'

async function main(outer: string | undefined) {
  const end = Date.now() + 30_000
  console.log('started')
  const sandbox = await Sandbox.create()
  const nl: Netlink = await sandbox.netlink()
  if (outer !== undefined) {
    // From its side: a socket of the sandbox has no rights out there.
    await using there = await Namespace.open(outer)
    await using machine = await there.netlink()
    await machine.link.add({
      kind: 'veth',
      name: 'out0',
      data: { peer: { name: 'in0', namespace: sandbox.namespace } },
    })
  }
  // With grandchildren that outlive their parent, and ignore what they can.
  void sandbox.exec('sh', ['-c', "trap '' TERM HUP INT; (sleep 99 & sleep 99 &); sleep 99"], { reject: false })
  console.log('ready')
  while (Date.now() < end) {
    const ns = await Namespace.create('one', sandbox)
    await nl.link.add({ kind: 'veth', name: 'a', data: { peer: { name: 'b', namespace: ns } } })
    const server = await ns.listen({ port: 80 })
    await ns.exec('true')
    server.close()
    await ns.delete()
  }
}

void main(process.argv[2])
