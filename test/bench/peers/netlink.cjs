// netlink.cjs route-add|route-dump|link-dump|start-up ...: the same work with the npm package `netlink`.
const { createRtNetlink, FlagsNew } = require('netlink')

const [mode, ...args] = process.argv.slice(2)
const nl = createRtNetlink()

async function timed(n, work, repeats = 1) {
  const before = process.cpuUsage()
  const start = performance.now()
  const count = await work()
  const t = (performance.now() - start) / 1e3 / repeats
  const { user, system } = process.cpuUsage(before)
  console.log(JSON.stringify({ t, cpu: (user + system) / 1e6 / repeats, n, count }))
}

async function routes(n, device, together) {
  const header = { family: 2, dstLen: 32, table: 254, protocol: 'BOOT', scope: 'LINK', type: 'UNICAST' }
  const flags = FlagsNew.CREATE | FlagsNew.EXCL
  for (let i = 0; i < n; ) {
    const waiting = []
    for (; waiting.length < together && i < n; i += 1) {
      const dst = Buffer.from([10, i >> 16, (i >> 8) & 255, i & 255])
      waiting.push(nl.newRoute(header, { dst, oif: device }, { flags }))
    }
    await Promise.all(waiting)
  }
  return n
}

const work = {
  'route-add': (n, device) => timed(n, () => routes(n, device, 128)),
  'route-dump': (n) => timed(n, async () => (await nl.getRoutes({ family: 2 })).length),
  'link-dump': (n, repeats) => {
    const dumps = async () => {
      let count = 0
      for (let turn = 0; turn < repeats; turn += 1) count = (await nl.getLinks()).length
      return count
    }
    return timed(n, dumps, repeats)
  },
  'start-up': () => nl.getLinks(),
}

work[mode](...args.map(Number)).then(
  () => nl.socket.close(),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
