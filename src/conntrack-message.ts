/** Messages about entries of the connection tracking table, from what callers say; checked before anything is sent. */
import type { ConntrackMessageInput } from '../protocol/netfilter/conntrack/entry.ts'
import { show } from '../protocol/wire/codec.ts'
import type {
  ConntrackChange,
  ConntrackInput,
  ConntrackNat,
  ConntrackTarget,
  ConntrackTcpFlags,
  Dccp,
  Sctp,
  Tcp,
} from './conntrack-object.ts'
import {
  type ConntrackProtocol,
  checkInteger,
  checkProtocol,
  checkTuple,
  fromTuple,
  inverse,
} from './conntrack-tuple.ts'
import { invalid } from './error.ts'
import { checkArray, checkObject } from './input.ts'
import { checkAddress, checkFamily, familyOf, type IpFamily } from './words.ts'

/** nfgenmsg's words. */
export const nfFamily: Record<IpFamily, 'ipv4' | 'ipv6'> = { inet: 'ipv4', inet6: 'ipv6' }

/** The message that names an entry. */
export function fromTarget(target: ConntrackTarget, operation: string): ConntrackMessageInput {
  checkObject(operation, 'target', target)
  const { orig, reply, zone, id } = target
  const protocol = checkProtocol(operation, 'protocol', target.protocol)
  const tuple = orig ?? reply
  if (tuple === undefined) throw invalid(operation, 'orig', 'is missing (or give a reply)')
  const family = checkTuple(operation, orig === undefined ? 'reply' : 'orig', tuple, protocol)
  if (zone !== undefined) checkInteger(operation, 'zone', zone, 0xffff)
  if (id !== undefined) checkInteger(operation, 'id', id, 0xffffffff)
  const named = fromTuple(tuple, protocol, family)
  return {
    header: { family: nfFamily[family] },
    ...(orig === undefined ? { tupleReply: named } : { tupleOrig: named }),
    zone,
  }
}

/** The message of a new entry. */
export function fromConntrack(entry: ConntrackInput, operation: string): ConntrackMessageInput {
  checkObject(operation, 'entry', entry)
  const { orig, reply, nat, zone, timeout, master, seqAdj, synproxy } = entry
  for (const [path, value] of Object.entries({ nat, master, seqAdj }))
    if (value !== undefined) checkObject(operation, path, value)
  if (entry.family !== undefined) checkFamily(operation, 'family', entry.family)
  const protocol = checkProtocol(operation, 'protocol', entry.protocol)
  if (orig === undefined) throw invalid(operation, 'orig', 'is missing')
  const family = checkTuple(operation, 'orig', orig, protocol)
  if (entry.family !== undefined && entry.family !== family)
    throw invalid(operation, 'orig.src', `must be of family ${entry.family}, got '${orig.src}'`)
  if (timeout === undefined) throw invalid(operation, 'timeout', 'is missing: seconds until the entry goes')
  if (zone !== undefined) checkInteger(operation, 'zone', zone, 0xffff)
  // With NAT the kernel makes the reply itself, of one that is not translated.
  const answer = reply === undefined || nat !== undefined ? inverse(operation, 'orig', orig, protocol) : reply
  if (checkTuple(operation, 'reply', answer, protocol) !== family)
    throw invalid(operation, 'reply.src', `must be of family ${family}, got '${answer.src}'`)
  return {
    header: { family: nfFamily[family] },
    tupleOrig: fromTuple(orig, protocol, family),
    tupleReply: fromTuple({ ...answer, zone: reply?.zone }, protocol, family),
    zone,
    ...fromChange(entry, protocol, operation, true),
    status: entry.status && newStatus(entry.status),
    natSrc: nat?.src === undefined ? undefined : fromNat(operation, 'nat.src', nat.src, family),
    natDst: nat?.dst === undefined ? undefined : fromNat(operation, 'nat.dst', nat.dst, family),
    tupleMaster: master && fromMaster(operation, master, family),
    seqAdjOrig: seqAdj?.orig,
    seqAdjReply: seqAdj?.reply,
    synproxy,
  }
}

/** The kernel wants 'confirmed', and says itself what a master foretold. */
function newStatus(status: NonNullable<ConntrackInput['status']>): NonNullable<ConntrackInput['status']> {
  return [...new Set([...status.filter((bit) => bit !== 'expected' && bit !== 'dying'), 'confirmed' as const])]
}

function fromMaster(operation: string, master: NonNullable<ConntrackInput['master']>, family: IpFamily) {
  const protocol = checkProtocol(operation, 'master.protocol', master.protocol)
  if (checkTuple(operation, 'master', master, protocol) !== family)
    throw invalid(operation, 'master.src', `must be of family ${family}, got '${master.src}'`)
  return fromTuple(master, protocol, family)
}

/** The attributes of what can be changed, the status aside, which is only checked. */
export function fromChange(
  change: ConntrackChange,
  protocol: ConntrackProtocol,
  operation: string,
  isNew: boolean,
): ConntrackMessageInput {
  const { mark, markMask, timeout, labels, helper, status, tcp, sctp, dccp } = change
  for (const [path, value] of Object.entries({ labels, status }))
    if (value !== undefined) checkArray(operation, path, value)
  for (const [path, value] of Object.entries({ tcp, sctp, dccp }))
    if (value !== undefined) checkObject(operation, path, value)
  for (const [path, value] of Object.entries({ mark, markMask, timeout }))
    if (value !== undefined) checkInteger(operation, path, value, 0xffffffff)
  if (markMask !== undefined && mark === undefined)
    throw invalid(operation, 'mark', 'is missing: markMask says which bits of it count')
  return {
    timeout,
    mark,
    markMask,
    protoinfo: fromProtoinfo(change, protocol, operation, isNew),
    labels: labels && fromLabels(operation, labels),
    help: helper === undefined ? undefined : { name: helper },
  }
}

const liberal: ConntrackTcpFlags = ['sack_perm', 'be_liberal']

/**
 * A new TCP connection whose flags are not said is not checked for its windows, which nobody has seen: what `conntrack -I` sends too.
 * The schema refuses names that are no states of the protocol.
 */
function fromProtoinfo(
  { state, tcp, sctp, dccp }: ConntrackChange,
  protocol: ConntrackProtocol,
  operation: string,
  isNew: boolean,
): ConntrackMessageInput['protoinfo'] {
  if (state === undefined && tcp === undefined && sctp === undefined && dccp === undefined) return undefined
  if (protocol === 'tcp') {
    const { wscaleOriginal, wscaleReply } = tcp ?? {}
    const flagsOriginal = masked(tcp?.flagsOriginal, isNew)
    const flagsReply = masked(tcp?.flagsReply, isNew)
    return { tcp: { state: state as Tcp['state'], wscaleOriginal, wscaleReply, flagsOriginal, flagsReply } }
  }
  if (protocol === 'sctp') return { sctp: { state: state as Sctp['state'], ...sctp } }
  if (protocol === 'dccp') return { dccp: { state: state as Dccp['state'], ...dccp } }
  throw invalid(operation, 'state', `${show(protocol)} has no state`)
}

/** Only flags in the mask count. */
function masked(flags: ConntrackTcpFlags | undefined, isNew: boolean) {
  const said = flags ?? (isNew ? liberal : undefined)
  return said && { flags: said, mask: said }
}

function fromLabels(operation: string, labels: readonly number[]): number[] {
  const words = [0, 0, 0, 0]
  for (const [i, label] of labels.entries()) {
    checkInteger(operation, `labels[${i}]`, label, 127)
    // Below 4: it is there.
    words[label >> 5] = ((words[label >> 5] as number) | (1 << (label & 31))) >>> 0
  }
  return words
}

function fromNat(
  operation: string,
  path: string,
  nat: ConntrackNat,
  family: IpFamily,
): ConntrackMessageInput['natSrc'] {
  checkObject(operation, path, nat)
  const { address, port } = nat
  if (familyOf(checkAddress(operation, `${path}.address`, address)) !== family)
    throw invalid(operation, `${path}.address`, `must be of family ${family}, got '${address}'`)
  if (port !== undefined) checkInteger(operation, `${path}.port`, port, 0xffff)
  return {
    ...(family === 'inet' ? { v4Minip: address } : { v6Minip: address }),
    proto: port === undefined ? undefined : { portMin: port },
  }
}

const tupleKeys: Readonly<Record<string, string>> = { srcPort: 'sport', dstPort: 'dport' }

/** The caller's name for a property of the message. */
export function renameConntrack(path: string): string {
  const [, which, rest = ''] =
    /^tuple(Orig|Reply|Master)(?:\.(?:ip|proto))?\.?(?:v[46]|icmp(?:v6)?)?(.*)$/.exec(path) ?? []
  if (which !== undefined) {
    if (rest === 'num') return 'protocol'
    const key = tupleKeys[rest] ?? rest.toLowerCase()
    return key === '' ? which.toLowerCase() : `${which.toLowerCase()}.${key}`
  }
  return path
    .replace(/^protoinfo\.\w+\.state$/, 'state')
    .replace(/^protoinfo\./, '')
    .replace(/^(tcp\.flags(?:Original|Reply))\..*$/, '$1')
    .replace(/^help\.name$/, 'helper')
    .replace(/^seqAdj(Orig|Reply)/, (_all, direction: string) => `seqAdj.${direction.toLowerCase()}`)
    .replace(/^nat(Src|Dst).*$/, (_all, side: string) => `nat.${side.toLowerCase()}`)
}
