/** The workloads: what each is, who does it, and how one sees that it was done. README.md has the table of targets. */
import type { Tools } from './tools.ts'

/** A line of JSON that a program prints; see c/bench.h. */
export interface Result {
  /** Seconds. */
  t: number
  /** Seconds of CPU; absent where only the whole process could be timed. */
  cpu?: number
  count?: number
}

export interface Contender {
  name: string
  /** {n}, {device} and, of workloads with phases, {phase} are filled in. */
  argv: readonly string[]
  /** Why it cannot take part here. */
  missing?: string | undefined
  /** The ratio that it should reach. */
  target?: number | readonly number[]
}

export interface Workload {
  key: string
  title: string
  /** What is counted. */
  unit: string
  n: number
  /** Shell commands inside the fresh namespaces. */
  setup: string
  phases?: readonly string[]
  /** They leave nothing behind: all take part in one namespace. */
  shared?: boolean
  /** Their whole process counts, started so often. */
  starts?: number
  /** What happens while the contender watches, from when it has printed 'ready'. */
  meanwhile?: readonly string[] | undefined
  /** A shell command that prints what `expected` says, run after each contender. */
  check?: Readonly<Record<string, { command: string; expected: string }>>
  /** The count that programs report: at least n, and so many more at most. */
  counts?: number
  /** The first is what the others are compared with. */
  contenders: readonly Contender[]
}

const device = `ip link add d0 type veth peer name d1 && ip link set d0 up && ip link set d1 up && ip link set lo up
ip addr add 10.255.0.1/24 dev d0`
const labs = 'mkdir -p /run/netns && mount -t tmpfs none /run/netns && ip link set lo up'

const missing = (tool: Tools['c']): string | undefined => ('missing' in tool ? tool.missing : undefined)

export function workloads(tools: Tools, scale: number): Workload[] {
  const c = (name: string, program: string, ...args: string[]): Contender =>
    'folder' in tools.c
      ? { name, argv: [`${tools.c.folder}/${program}`, ...args] }
      : { name, argv: [], missing: tools.c.missing }
  const ours = (name: string, target: number | readonly number[], program: string, ...args: string[]): Contender => ({
    name: `netlink-ts: ${name}`,
    target,
    argv: [process.execPath, `${tools.ours}/ours/${program}.js`, ...args],
  })
  const npm = (name: string, ...args: string[]): Contender =>
    'modules' in tools.npm
      ? {
          name: `npm netlink${name}`,
          argv: ['env', `NODE_PATH=${tools.npm.modules}`, process.execPath, `${tools.peers}/netlink.cjs`, ...args],
        }
      : { name: `npm netlink${name}`, argv: [], missing: tools.npm.missing }
  const ip = (name: string, ...argv: string[]): Contender =>
    'found' in tools.ip ? { name, argv } : { name, argv: [], missing: tools.ip.missing }
  const nft = (name: string, ...argv: string[]): Contender =>
    'found' in tools.nft ? { name, argv } : { name, argv: [], missing: tools.nft.missing }
  const scaled = (n: number): number => Math.max(10, Math.round(n * scale))

  const routes = scaled(100_000)
  const links = Math.ceil(scaled(1000) / 2) * 2
  const lab = scaled(100)
  const trips = scaled(20_000)
  const fill =
    'folder' in tools.c
      ? `${tools.c.folder}/route-add ${routes} $(cat /sys/class/net/d0/ifindex 2>/dev/null || ip -o link show d0 | cut -d: -f1) last`
      : ''
  const fillSlowly = `seq 0 ${routes - 1} | awk '{ printf "route add 10.%d.%d.%d dev d0\\n", $1 / 65536, $1 / 256 % 256, $1 % 256 }' | ip -batch -`
  const routeCount = { command: "ip route show | grep -c '^10\\.[0-9.]* dev d0'", expected: String(routes) }

  return [
    {
      key: 'route-add',
      title: `${routes} host routes`,
      unit: 'route',
      n: routes,
      setup: device,
      check: { '': routeCount },
      contenders: [
        c('C, 128 a send, an ACK each', 'route-add', '{n}', '{device}', 'each'),
        c('C, 128 a send, an ACK a send', 'route-add', '{n}', '{device}', 'last'),
        ours('one Promise.all of nl.route.add', 1.5, 'route-add', 'all', '{n}', '{device}'),
        ours('nl.batch', 1.25, 'route-add', 'batch', '{n}', '{device}'),
        ip('ip -batch', 'sh', '-c', fillSlowly),
        npm(', 128 in flight', 'route-add', '{n}', '{device}'),
      ],
    },
    {
      key: 'route-dump',
      title: `a dump of ${routes} IPv4 routes`,
      unit: 'route',
      n: routes,
      setup: `${device}\n${fill === '' ? fillSlowly : fill}`,
      shared: true,
      // Those of d0's own address.
      counts: 10,
      contenders: [
        c('C, into structs', 'route-dump', 'parse', '{n}'),
        c('C, only counted', 'route-dump', 'skip', '{n}'),
        ours('await nl.route.list()', 2, 'route-dump', 'list', '{n}'),
        ours('for await of nl.route.list()', 2, 'route-dump', 'iterate', '{n}'),
        ours('nl.dump(), messages', 2, 'route-dump', 'message', '{n}'),
        ip('ip -j route', 'sh', '-c', 'ip -j route show table all > /dev/null'),
        npm('', 'route-dump', '{n}'),
      ],
    },
    {
      key: 'link-dump',
      title: `20 dumps of ${links} veth links`,
      unit: 'link',
      n: links,
      setup: `seq 1 ${links / 2} | awk '{ print "link add v" $1 " type veth peer name w" $1 }' | ip -batch -`,
      shared: true,
      // lo
      counts: 1,
      contenders: [
        c('C, into structs', 'link-dump', 'parse', '{n}', '20'),
        ours('await nl.link.list()', 3, 'link-dump', 'list', '{n}', '20'),
        ours('with counters', 3, 'link-dump', 'stats', '{n}', '20'),
        ours('nl.dump(), messages', 3, 'link-dump', 'message', '{n}', '20'),
        ip('ip -j -d link', 'sh', '-c', 'ip -j -d link > /dev/null'),
        npm('', 'link-dump', '{n}', '20'),
      ],
    },
    {
      key: 'one-shot',
      title: `the median of ${trips} round trips of RTM_GETROUTE`,
      unit: 'trip',
      n: 1,
      setup: device,
      shared: true,
      contenders: [
        c('C', 'one-shot', String(trips)),
        ours('blocking: true', 2.5, 'one-shot', 'request', 'blocking', String(trips)),
        ours('default', 11, 'one-shot', 'request', 'default', String(trips)),
        ours('nl.route.get, blocking: true', 2.5, 'one-shot', 'get', 'blocking', String(trips)),
        ours('nl.route.get, default', 11, 'one-shot', 'get', 'default', String(trips)),
      ],
    },
    ...(['long', 'short'] as const).map((way): Workload => {
      const target = way === 'long' ? 1.15 : 1.6
      return {
        key: `lab-${way}`,
        title: `${lab} namespaces with a veth to a bridge, the ${way} way (c/lab.c)`,
        unit: 'lab',
        n: lab,
        setup: labs,
        phases: ['setup', 'teardown'],
        check: {
          setup: {
            command: `ip -br link show master br0 | grep -c LOWER_UP; ip netns exec lab${lab - 1} ping -c 1 -W 2 10.200.0.1 | grep -o ' 0% packet loss'`,
            expected: `${lab}\n 0% packet loss`,
          },
          teardown: { command: 'ip -br link | wc -l; ls /run/netns | wc -l', expected: '1\n0' },
        },
        contenders: [
          c('C', 'lab', way, '{phase}', '{n}'),
          ours('one after another', target, 'lab', way, '{phase}', '{n}'),
          ours('one Promise.all', target, 'lab', way, '{phase}', '{n}', 'all'),
          ip('ip -batch', 'sh', `${tools.peers}/lab.sh`, way, '{phase}', '{n}'),
        ],
      }
    }),
    {
      key: 'events',
      title: `${routes} new routes counted while C adds them as fast as it can`,
      unit: 'event',
      n: routes,
      setup: device,
      meanwhile: 'folder' in tools.c ? [`${tools.c.folder}/route-add`, '{n}', '{device}', 'last', '100'] : undefined,
      check: { '': routeCount },
      counts: 0,
      contenders: [c('C', 'events'), { ...ours('nl.subscribe', 1.5, 'events'), missing: missing(tools.c) }],
    },
    ...(['rules', 'set'] as const).map((what): Workload => {
      const n = scaled(what === 'rules' ? 10_000 : 100_000)
      const file = `/run/netlink-ts-bench-${what}.nft`
      return {
        key: `nft-${what}`,
        title: what === 'rules' ? `${n} rules in one transaction` : `a set of ${n} addresses in one transaction`,
        unit: what === 'rules' ? 'rule' : 'element',
        n,
        // On a file system that ends with the namespaces.
        setup: `mount -t tmpfs none /run && sh ${tools.peers}/nft.sh ${what} ${n} > ${file}`,
        check: {
          '': {
            command:
              what === 'rules'
                ? "nft list ruleset | grep -c 'counter packets 0 bytes 0 accept'"
                : "nft list set ip t s | grep -o '10\\.[0-9.]*' | wc -l",
            expected: String(n),
          },
        },
        contenders: [
          nft('nft -f', 'nft', '-f', file),
          c('C on libnftnl', 'nft', what, '{n}'),
          ours('nl.nft.batch', 0.6, 'nft', what, '{n}'),
        ],
      }
    }),
    {
      key: 'start-up',
      title: 'from the start of the process to its end, with one dump of the links',
      unit: 'start',
      n: 1,
      setup: device,
      shared: true,
      starts: 10,
      contenders: [
        { name: 'node -e 0', argv: [process.execPath, '-e', '0'] },
        ours('Netlink.open, nl.link.list', 1.3, 'start-up'),
        c('C', 'start-up'),
        ip('ip link', 'ip', 'link'),
        npm('', 'start-up'),
      ],
    },
  ]
}
