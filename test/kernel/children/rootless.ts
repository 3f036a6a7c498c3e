/** What an unprivileged user does below `unshare --user --map-root-user --net --mount`. Prints one line of JSON. */
import { Namespace } from '../../../src/namespace/namespace.ts'

async function main() {
  const name = 'rootless'
  let inode = 0
  let link = ''
  let forward = ''
  let echo = ''
  {
    await using ns = await Namespace.create(name)
    inode = ns.inode
    const named = await Namespace.list()
    if (named.join() !== name) throw new Error(`list: ${named.join()}`)
    await ns.exec('ip', ['link', 'set', 'lo', 'up'])
    link = (await ns.exec('readlink', ['/proc/self/ns/net'], { sysfs: false })).stdout
    await ns.sysctl.set('net.ipv4.ip_forward', 1)
    forward = await ns.sysctl.get('net.ipv4.ip_forward')
    const server = await ns.listen({ port: 7 }, (socket) => socket.pipe(socket))
    const client = await ns.connect({ port: 7 })
    client.write('hello')
    echo = await new Promise<string>((resolve) => client.once('data', (data) => resolve(String(data))))
    client.destroy()
    server.close()
    await using anonymous = await Namespace.create()
    if (anonymous.inode === inode) throw new Error('one and the same')
  }
  const left = await Namespace.list()
  console.log(JSON.stringify({ uid: process.getuid?.(), same: link === `net:[${inode}]`, forward, echo, left }))
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
