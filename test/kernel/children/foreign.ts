/** Opens the namespace of the process named by the argument, which is in a user namespace of this user's. Prints JSON. */
import { Namespace } from '../../../src/namespace/namespace.ts'

async function main() {
  const told: Record<string, unknown> = {}
  {
    await using ns = await Namespace.open({ pid: Number(process.argv[2]) })
    await using nl = await ns.netlink()
    await nl.link.set('lo', { up: true })
    await nl.link.add({ kind: 'bridge', name: 'br0', up: true })
    told.links = (await nl.link.list()).map(({ name }) => name)
    await ns.sysctl.set('net.ipv4.ip_forward', 1)
    told.forward = await ns.sysctl.get('net.ipv4.ip_forward')
    told.inside = (await ns.exec('sh', ['-c', 'id -u; readlink /proc/self/ns/net'])).stdout
    told.namespace = `0\nnet:[${ns.inode}]`
    const server = await ns.listen({ port: 7 }, (socket) => socket.end('hello'))
    let echo = ''
    for await (const chunk of await ns.connect({ port: 7 })) echo += String(chunk)
    told.echo = echo
    server.close()
  }
  console.log(JSON.stringify(told))
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
