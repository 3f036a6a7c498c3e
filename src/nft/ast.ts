/**
 * Rules as libnftables-json(5) has them: what `nft -j list ruleset` prints and `nft -j -f` takes. The one form in the middle: the builder
 * makes it, the compiler turns it into the kernel's expressions, the decompiler gives it back, the printer writes it in nft's syntax.
 */

/** A table's family, in nft's words; the kernel's NFPROTO_IPV4 is 'ip'. */
export type NftFamily = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev'

export type Verdict =
  | { accept: null }
  | { drop: null }
  | { continue: null }
  | { return: null }
  | { jump: { target: string } }
  | { goto: { target: string } }

/** A constant: an address, a name ('established'), a number; `@name` is a named set, `*` anything. */
export type Immediate = string | number | boolean

export interface Prefix {
  prefix: { addr: Expr; len: number }
}
export interface Range {
  range: [Expr, Expr]
}
export interface Concat {
  concat: Expr[]
}
/** An anonymous set; of a map, the entries are pairs. */
export interface SetExpr {
  set: Expr | (Expr | [Expr, Expr | Verdict | Statement])[]
}
export interface MapExpr {
  map: { key: Expr; data: Expr }
}
/** A set's element with what belongs to it. Times in seconds. */
export interface Elem {
  elem: {
    val: Expr
    timeout?: number
    expires?: number
    comment?: string
    counter?: { packets: number; bytes: number }
    limit?: LimitStatement['limit']
    quota?: QuotaStatement['quota']
    'ct count'?: CtCountStatement['ct count']
    last?: LastStatement['last']
  }
}
export interface PayloadField {
  payload: { protocol: string; field: string }
}
/** Bits of a header: offset and length in bits. */
export interface PayloadRaw {
  payload: { base: 'll' | 'nh' | 'th' | 'ih'; offset: number; len: number }
}
export interface Exthdr {
  exthdr: { name: string; field?: string; offset?: number }
}
export interface TcpOption {
  'tcp option': { name: string; field?: string } | { base: number; offset: number; len: number }
}
export interface IpOption {
  'ip option': { name: string; field?: string }
}
export interface SctpChunk {
  'sctp chunk': { name: string; field?: string }
}
export interface Meta {
  meta: { key: string }
}
export interface Rt {
  rt: { key: 'classid' | 'nexthop' | 'mtu' | 'ipsec'; family?: 'ip' | 'ip6' }
}
export interface Ct {
  ct: { key: string; family?: 'ip' | 'ip6'; dir?: 'original' | 'reply' }
}
export interface Numgen {
  numgen: { mode: 'inc' | 'random'; mod: number; offset?: number }
}
export interface Jhash {
  jhash: { mod: number; offset?: number; expr: Expr; seed?: number }
}
export interface Symhash {
  symhash: { mod: number; offset?: number }
}
export interface Fib {
  fib: { result: 'oif' | 'oifname' | 'type' | 'check'; flags: string | string[] }
}
export interface Socket {
  socket: { key: 'transparent' | 'mark' | 'wildcard' | 'cgroupv2'; level?: number }
}
export interface Osf {
  osf: { key: 'name' | 'version'; ttl?: 'loose' | 'skip' }
}
export interface Ipsec {
  ipsec: { key: string; family?: 'ip' | 'ip6'; dir: 'in' | 'out'; spnum?: number }
}
export interface Tunnel {
  tunnel: { key: 'path' | 'id' }
}
export type BinaryOperator = '|' | '^' | '&' | '<<' | '>>'
export type Binary = { [O in BinaryOperator]: { [P in O]: Expr[] } }[BinaryOperator]

/** What a packet has: the left side of a match, the key of a map. */
export type Selector =
  | PayloadField
  | PayloadRaw
  | Exthdr
  | TcpOption
  | IpOption
  | SctpChunk
  | Meta
  | Rt
  | Ct
  | Numgen
  | Jhash
  | Symhash
  | Fib
  | Socket
  | Osf
  | Ipsec
  | Tunnel

export type Expr = Immediate | Expr[] | Prefix | Range | Concat | SetExpr | MapExpr | Elem | Binary | Selector | Verdict

/** `in`: any of these bits is set, as in `ct state established,related`; `!`: none is, as in `ct state ! invalid`. */
export type MatchOperator = '==' | '!=' | '<' | '>' | '<=' | '>=' | 'in' | '!'

export interface MatchStatement {
  match: { op: MatchOperator; left: Expr; right: Expr }
}
export interface CounterStatement {
  /** A string is the table's counter; a map gives one for each key: `counter name tcp dport map { 80 : "web" }`. */
  counter: { packets: number; bytes: number } | string | MapExpr | null
}
export interface MangleStatement {
  mangle: { key: Expr; value: Expr }
}
export interface QuotaStatement {
  quota: { val: number; val_unit: string; used?: number; used_unit?: string; inv?: boolean } | string
}
export interface LimitStatement {
  limit:
    | {
        rate: number
        per: 'second' | 'minute' | 'hour' | 'day' | 'week'
        rate_unit?: string
        burst?: number
        burst_unit?: string
        inv?: boolean
      }
    | string
}
export interface FwdStatement {
  fwd: { dev: Expr; family?: 'ip' | 'ip6'; addr?: Expr }
}
export interface DupStatement {
  dup: { addr: Expr; dev?: Expr }
}
export type NatFlag = 'random' | 'fully-random' | 'persistent' | 'netmap'
export interface NatTarget {
  /** In tables of the inet family: whose addresses. */
  family?: 'ip' | 'ip6'
  addr?: Expr
  port?: Expr
  flags?: NatFlag | NatFlag[]
  /** Which parts a map gives: `dnat ip to tcp dport map { 80 : 10.0.0.1 . 8080 }`, `interval` for ranges of addresses. */
  type_flags?: string | string[]
}
export interface SnatStatement {
  snat: NatTarget
}
export interface DnatStatement {
  dnat: NatTarget
}
export interface MasqueradeStatement {
  masquerade: { port?: Expr; flags?: NatFlag | NatFlag[] } | null
}
export interface RedirectStatement {
  redirect: { port?: Expr; flags?: NatFlag | NatFlag[] } | null
}
export interface RejectStatement {
  reject: { type?: 'tcp reset' | 'icmpx' | 'icmp' | 'icmpv6'; expr?: Expr } | null
}
export interface SetStatement {
  set: { op: 'add' | 'update' | 'delete'; elem: Expr; set: string; stmt?: Statement[] }
}
/** Adds a pair to a map from the packet path: `add @m { ip saddr : tcp dport }`. */
export interface MapStatement {
  map: { op: 'add' | 'update' | 'delete'; elem: Expr; data: Expr; map: string; stmt?: Statement[] }
}
export interface LogStatement {
  log: {
    prefix?: string
    group?: number
    snaplen?: number
    'queue-threshold'?: number
    level?: string
    flags?: string | string[]
  } | null
}
export interface CtHelperStatement {
  'ct helper': Expr
}
export interface CtTimeoutStatement {
  'ct timeout': Expr
}
export interface CtExpectationStatement {
  'ct expectation': Expr
}
export interface CtCountStatement {
  'ct count': { val: number; inv?: boolean }
}
export interface MeterStatement {
  meter: { name: string; key: Expr; stmt: Statement; size?: number }
}
export interface QueueStatement {
  queue: { num?: Expr; flags?: string | string[] } | null
}
export interface VmapStatement {
  vmap: { key: Expr; data: Expr }
}
export interface FlowStatement {
  /** `flow add @ft` */
  flow: { op: 'add'; flowtable: string }
}
export interface NotrackStatement {
  notrack: null
}
export interface SynproxyStatement {
  synproxy: { mss?: number; wscale?: number; flags?: string | string[] } | string | null
}
export interface SecmarkStatement {
  secmark: Expr
}
export interface TproxyStatement {
  tproxy: { family?: 'ip' | 'ip6'; addr?: Expr; port?: Expr }
}
export interface LastStatement {
  last: { used?: number } | null
}
/** `tcp option sack-perm reset` */
export interface ResetStatement {
  reset: Expr
}
/** An xtables match or target, or an expression that is not known here: kept as it is in the rule's `expressions`, and not to be compiled. */
export interface XtStatement {
  xt: { type: 'match' | 'target' | 'watcher'; name: string } | null
}

export type Statement =
  | Verdict
  | MatchStatement
  | CounterStatement
  | MangleStatement
  | QuotaStatement
  | LimitStatement
  | FwdStatement
  | DupStatement
  | SnatStatement
  | DnatStatement
  | MasqueradeStatement
  | RedirectStatement
  | RejectStatement
  | SetStatement
  | MapStatement
  | LogStatement
  | CtHelperStatement
  | CtTimeoutStatement
  | CtExpectationStatement
  | CtCountStatement
  | MeterStatement
  | QueueStatement
  | VmapStatement
  | FlowStatement
  | NotrackStatement
  | SynproxyStatement
  | SecmarkStatement
  | TproxyStatement
  | LastStatement
  | ResetStatement
  | XtStatement
