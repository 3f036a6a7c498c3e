/** What the kernel knows of a packet beside its bytes: meta, ct, rt, socket, fib, osf, ipsec; generators and hashes; concatenations. */
import { invalid } from '../../error.ts'
import { checkBoolean } from '../../input.ts'
import type {
  Ct,
  CtCountStatement,
  CtExpectationStatement,
  CtHelperStatement,
  CtTimeoutStatement,
  Fib,
  MapExpr,
  Selector,
} from '../ast.ts'
import { hostInteger } from '../datatypes/index.ts'
import * as tables from '../selectors/index.ts'
import { lazily } from './lazily.ts'
import type { Key, Keyed } from './reference.ts'
import { type Existing, type Ordered, type Selecting, selecting } from './selecting.ts'
import { camel, type KeySelectors, type Typed } from './typed.ts'
import type { ValueType } from './value.ts'

function keys<T extends tables.Keys>(
  title: string,
  table: T,
  exprOf: (key: string) => Selector,
  wanted: (key: tables.Key) => boolean = () => true,
): Record<string, unknown> {
  const made = Object.entries<tables.Key>(table)
    .filter(([, key]) => wanted(key))
    .map(([word, { type }]) => [camel(word), selecting(`${title}.${camel(word)}`, exprOf(word), [type])])
  return Object.fromEntries(made) as Record<string, unknown>
}

/** 'ip saddr' in tables of all families: the family stands by itself. */
function withFamily(word: string): { key: string; family?: 'ip' | 'ip6' } {
  const [, family, key] = /^(ip6?) (.*)$/.exec(word) ?? []
  return family === undefined || key === undefined ? { key: word } : { key, family: family as 'ip' | 'ip6' }
}

/**
 * What belongs to the packet: devices, marks, protocols, users, the time.
 *
 * @example meta.iifname('eth0')           // iifname "eth0"
 * @example meta.mark.set(1)               // meta mark set 0x1
 */
export const meta: KeySelectors<typeof tables.meta> = lazily(
  () => keys('meta', tables.meta, (key) => ({ meta: { key } })) as KeySelectors<typeof tables.meta>,
)

type Table = typeof tables.ct
type WithDirection = { [N in keyof Table as Table[N] extends { readonly dir: string } ? N : never]: Table[N] }
type Undirected = {
  [N in keyof Table as Table[N] extends { readonly dir: 'always' } ? never : N]: Table[N]
}
interface Assigned<S> {
  /** Of the table's object of that name. */
  set(name: string | MapExpr): S
}
interface CtExtras {
  /** `ct original ip saddr 10.0.0.1`: as the connection began. */
  readonly original: KeySelectors<WithDirection>
  /** `ct reply ip saddr 10.0.0.1`: as the answers are. */
  readonly reply: KeySelectors<WithDirection>
  /** `ct helper "ftp"`, `ct helper set "ftp"` */
  readonly helper: KeySelectors<Undirected>['helper'] & Assigned<CtHelperStatement>
  /** `ct timeout set "slow"` */
  readonly timeout: Assigned<CtTimeoutStatement>
  /** `ct expectation set "sip"` */
  readonly expectation: Assigned<CtExpectationStatement>
  /**
   * Matches as long as there are at most so many connections: `ct count 20`; with `over`, when there are more: `ct count over 20`. In an
   * element of a set it counts for each key by itself.
   *
   * @example [tcp.dport(22), perHost.add(ip.saddr, { statements: [ct.count(3, { over: true })] }), reject()]
   */
  count(val: number, options?: { over?: boolean | undefined }): CtCountStatement
}

const directed = (dir: 'original' | 'reply'): KeySelectors<WithDirection> =>
  keys(
    `ct.${dir}`,
    tables.ct,
    (key): Ct => ({ ct: { key, dir } }),
    (key) => key.dir !== undefined,
  ) as KeySelectors<WithDirection>

/**
 * What belongs to the packet's connection.
 *
 * @example ct.state('established', 'related')        // ct state established,related
 */
export const ct: Omit<KeySelectors<Undirected>, 'helper'> & CtExtras = lazily(() => {
  const undirected = (key: tables.Key): boolean => key.dir !== 'always'
  const own = keys('ct', tables.ct, (key) => ({ ct: { key } }), undirected) as KeySelectors<Undirected>
  return {
    ...own,
    original: directed('original'),
    reply: directed('reply'),
    helper: Object.assign(own.helper, { set: (name: string | MapExpr) => ({ 'ct helper': name }) }),
    timeout: { set: (name) => ({ 'ct timeout': name }) },
    expectation: { set: (name) => ({ 'ct expectation': name }) },
    count: (val, { over } = {}) => {
      checkBoolean('ct.count', 'over', over)
      return { 'ct count': { val, ...(over === true && { inv: true }) } }
    },
  }
})

/** Where the packet is routed: `rt classid 5`, `rt ip nexthop 192.0.2.1`, `tcp option maxseg size set rt mtu`. */
export const rt: KeySelectors<typeof tables.rt> = lazily(
  () => keys('rt', tables.rt, (key) => ({ rt: withFamily(key) }) as Selector) as KeySelectors<typeof tables.rt>,
)

type SocketKeys = KeySelectors<Omit<typeof tables.socket, 'cgroupv2'>>
/** The socket that the packet would reach: `socket transparent 1`. */
export const socket: SocketKeys & {
  /** `socket cgroupv2 level 2 "user.slice/app"` */
  cgroupv2(level: number): Typed<typeof tables.socket.cgroupv2.type>
} = lazily(() => ({
  ...(keys('socket', tables.socket, (key) => ({ socket: { key } }) as Selector) as SocketKeys),
  cgroupv2: (level) =>
    selecting(`socket.cgroupv2(${level})`, { socket: { key: 'cgroupv2', level } }, [tables.socket.cgroupv2.type]),
}))

type OsfKeys = KeySelectors<typeof tables.osf>
const osfOf = (title: string, ttl?: 'loose' | 'skip'): OsfKeys =>
  keys(title, tables.osf, (key) => ({ osf: { key, ...(ttl !== undefined && { ttl }) } }) as Selector) as OsfKeys

/** The operating system that a SYN looks like: `osf name "Linux"`, `osf ttl loose version "Linux:3.0"`. */
export const osf: OsfKeys & { readonly loose: OsfKeys; readonly skip: OsfKeys } = lazily(() => ({
  ...osfOf('osf'),
  loose: osfOf('osf.loose', 'loose'),
  skip: osfOf('osf.skip', 'skip'),
}))

type IpsecKeys = KeySelectors<typeof tables.ipsec>
const ipsecOf = (dir: 'in' | 'out'): IpsecKeys =>
  keys(
    `ipsec.${dir}`,
    tables.ipsec,
    (key) => ({ ipsec: { ...withFamily(key), dir, spnum: 0 } }) as Selector,
  ) as IpsecKeys

/** The IPsec transformation that a packet came through or goes into: `ipsec in reqid 1`. */
export const ipsec: { readonly in: IpsecKeys; readonly out: IpsecKeys } = lazily(() => ({
  in: ipsecOf('in'),
  out: ipsecOf('out'),
}))

type FibFlag = 'saddr' | 'daddr' | 'mark' | 'iif' | 'oif'
/** What a look-up in the routing tables gives. */
export interface FibSelectors {
  /** The kind of address: `fib daddr type local`. */
  readonly type: Typed<typeof tables.fib.type.type>
  /** The device of the route, or whether there is one: `fib saddr . iif oif missing`. */
  readonly oif: Typed<typeof tables.fib.oif.type> & Existing
  /** `fib saddr oifname "eth0"` */
  readonly oifname: Typed<typeof tables.fib.oifname.type> & Existing
}

/**
 * Looks the packet's address up in the routing tables, along with its mark and devices.
 *
 * @example fib('daddr').type('local')                     // fib daddr type local
 * @example [fib('saddr', 'iif').oif.missing(), drop()]    // fib saddr . iif oif missing drop
 */
export function fib(...flags: [FibFlag, ...FibFlag[]]): FibSelectors {
  const title = `fib(${flags.join(', ')})`
  return keys(title, tables.fib, (result) => ({ fib: { result, flags: [...flags] } }) as Fib) as unknown as FibSelectors
}

type Generated = Selecting<'integer', number> & Ordered<number>
const generated = (title: string, expr: Selector): Generated => selecting(title, expr, [hostInteger])

/**
 * Numbers from `offset` on, `mod` of them, in turn or at random: `numgen inc mod 2`.
 *
 * @example dnat({ to: numgen('inc', { mod: 2 }).map({ 0: '10.0.0.1', 1: '10.0.0.2' }) })
 */
export function numgen(mode: 'inc' | 'random', { mod, offset = 0 }: { mod: number; offset?: number }): Generated {
  return generated('numgen', { numgen: { mode, mod: modulus('numgen', mod), offset } })
}

/**
 * A number below `mod` that is the same for the same key: `jhash ip saddr . tcp sport mod 4 seed 0xdead`.
 *
 * @example meta.mark.set(jhash(ip.saddr, { mod: 4 }))
 */
export function jhash(
  key: Keyed<Key>,
  { mod, offset, seed }: { mod: number; offset?: number; seed?: number },
): Generated {
  const options = { ...(offset !== undefined && { offset }), ...(seed !== undefined && { seed }) }
  return generated('jhash', { jhash: { mod: modulus('jhash', mod), expr: key.expr, ...options } })
}

/** A number below `mod` that is the same for both directions of a connection: `symhash mod 4`. */
export function symhash({ mod, offset }: { mod: number; offset?: number }): Generated {
  return generated('symhash', {
    symhash: { mod: modulus('symhash', mod), ...(offset !== undefined && { offset }) },
  })
}

function modulus(operation: string, mod: number): number {
  if (Number.isInteger(mod) && mod > 0 && mod <= 0xffffffff) return mod
  throw invalid(operation, 'mod', `must be a number 1..4294967295, got ${mod}`)
}

type Parts = readonly [Keyed<string>, Keyed<string>, ...Keyed<string>[]]
type Names<P extends Parts> = { readonly [I in keyof P]: P[I]['datatype'] }
/** The constants of each part, and ranges of them. */
type Values<P extends Parts> = { readonly [I in keyof P]: PartValue<P[I]> }
type PartValue<S> = S extends (...values: (infer O)[]) => unknown
  ? O extends { reference: string }
    ? never
    : O
  : never

/**
 * Several selectors as one key: `ip saddr . tcp dport`. Values are arrays.
 *
 * @example concat(ip.saddr, tcp.dport)(['10.0.0.1', 80], ['10.0.0.2', 443])      // ip saddr . tcp dport { 10.0.0.1 . 80, 10.0.0.2 . 443 }
 * @example concat(ip.saddr, tcp.dport)(setRef({ name: 'allowed', type: ['ipv4_addr', 'inet_service'] }))
 */
export function concat<const P extends Parts>(...parts: P): Selecting<Names<P>, Values<P>> {
  const selectors = parts as unknown as readonly {
    title: string
    expr: Keyed<Key>['expr']
    types: readonly ValueType[]
  }[]
  const title = `concat(${selectors.map((part) => part.title).join(', ')})`
  return selecting(
    title,
    { concat: selectors.map(({ expr }) => expr) },
    selectors.flatMap(({ types }) => types),
  )
}
