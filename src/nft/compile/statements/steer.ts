/** Statements that send packets elsewhere: dup, fwd, queue, flow add, notrack, synproxy. */
import { EncodeError, show, within } from '../../../../protocol/wire/codec.ts'
import type { DupStatement, Expr, FlowStatement, FwdStatement, QueueStatement, SynproxyStatement } from '../../ast.ts'
import { hostInteger } from '../../datatypes/basic.ts'
import { integerOf } from '../../datatypes/bits.ts'
import { dataTypes } from '../../datatypes/index.ts'
import { argument, isInterval } from '../argument.ts'
import { choice, integer, names } from '../check.ts'
import type { Draft } from '../draft.ts'
import { only } from '../hooks.ts'
import type { Node, Shape } from '../node.ts'
import { registerNumber } from '../registers.ts'
import { shapeOf } from '../shape.ts'

const device = shapeOf(dataTypes.iface_index)
const ip = shapeOf(dataTypes.ipv4_addr)
const ip6 = shapeOf(dataTypes.ipv6_addr)
const queueNumber = shapeOf(hostInteger, 16)

function single(draft: Draft, path: string, given: Expr, shape: Shape): Node {
  return within(path, () => {
    const node = argument(draft, given, shape)
    if (isInterval(node)) throw new EncodeError('must be one value, not a range')
    return node
  })
}

/** Loads each into registers of its own, and gives their numbers. */
function loadAll(draft: Draft, nodes: readonly (Node | undefined)[]): (number | undefined)[] {
  const start = draft.registers.take()
  draft.registers.release(start)
  const numbers = nodes.map((node) => {
    if (node === undefined) return undefined
    const index = draft.registers.take()
    draft.load(node, index)
    return registerNumber(index)
  })
  draft.registers.release(start)
  return numbers
}

export function dup(draft: Draft, body: DupStatement['dup']): void {
  const { family } = draft.known
  if (family === 'netdev') {
    if (body.dev !== undefined) throw new EncodeError('is not taken in family netdev: addr is the device', 'dev')
    const [sregDev] = loadAll(draft, [single(draft, 'addr', body.addr, device)])
    draft.add('dup', { sregDev })
    return
  }
  if (family !== 'ip' && family !== 'ip6') {
    throw new EncodeError(`dup works in tables of the families ip, ip6 and netdev only, this one is ${family}`)
  }
  const address = single(draft, 'addr', body.addr, family === 'ip' ? ip : ip6)
  const dev = body.dev === undefined ? undefined : single(draft, 'dev', body.dev, device)
  const [sregAddr, sregDev] = loadAll(draft, [address, dev])
  draft.add('dup', { sregAddr, ...(sregDev !== undefined && { sregDev }) })
}

export function fwd(draft: Draft, body: FwdStatement['fwd']): void {
  if (draft.known.family !== 'netdev') {
    throw new EncodeError(`fwd works in tables of family netdev only, this one is ${draft.known.family}`)
  }
  only(draft, 'fwd', { hooks: ['ingress', 'egress'] })
  const dev = single(draft, 'dev', body.dev, device)
  if (body.addr === undefined) {
    const [sregDev] = loadAll(draft, [dev])
    draft.add('fwd', { sregDev })
    return
  }
  if (body.family === undefined) throw new EncodeError(`is missing: 'ip' or 'ip6'`, 'family')
  const address = single(draft, 'addr', body.addr, body.family === 'ip' ? ip : ip6)
  const [sregDev, sregAddr] = loadAll(draft, [dev, address])
  draft.add('fwd', { sregDev, sregAddr, nfproto: body.family === 'ip' ? 'ipv4' : 'ipv6' })
}

const queueFlags = { bypass: 'bypass', fanout: 'cpu_fanout' } as const

export function queue(draft: Draft, body: QueueStatement['queue']): void {
  const chosen = within('flags', () => names(queueFlags, body?.flags))
  const flags = chosen.length > 0 && { flags: chosen }
  const num = body?.num
  const node = num === undefined ? undefined : within('num', () => argument(draft, num, queueNumber))
  if (chosen.includes('cpu_fanout') && (node === undefined || !isInterval(node))) {
    throw new EncodeError('fanout needs a range of queues', 'num')
  }
  if (node === undefined) {
    draft.add('queue', { num: 0, total: 1, ...flags })
    return
  }
  if (!isInterval(node) && node.kind !== 'value') {
    draft.add('queue', { sregQnum: draft.loaded(node), ...flags })
    return
  }
  const number = (bytes: Uint8Array): number => Number(integerOf(bytes, 'host'))
  const first = number(isInterval(node) ? node.from.bytes : node.bytes)
  const last = isInterval(node) ? number(node.to.bytes) : first
  draft.add('queue', { num: first, total: last - first + 1, ...flags })
}

export function flow(draft: Draft, body: FlowStatement['flow']): void {
  const { flowtable } = body
  within('op', () => choice({ add: true }, body.op))
  if (!flowtable.startsWith('@') || flowtable.length < 2) {
    throw new EncodeError(`must be '@' and the flowtable's name, got ${show(flowtable)}`, 'flowtable')
  }
  only(draft, 'flow add', { hooks: ['forward'] })
  draft.add('flow_offload', { tableName: flowtable.slice(1) })
}

export function notrack(draft: Draft): void {
  draft.add('notrack', {})
}

const synproxyFlags = { timestamp: 'timestamp', 'sack-perm': 'sack_perm' } as const

export function synproxy(draft: Draft, body: Exclude<SynproxyStatement['synproxy'], string>): void {
  only(draft, 'synproxy', { hooks: ['input', 'forward'] })
  const { mss, wscale } = body ?? {}
  const flags: ('mss' | 'wscale' | 'timestamp' | 'sack_perm')[] = within('flags', () =>
    names(synproxyFlags, body?.flags),
  )
  if (mss !== undefined) flags.push('mss')
  if (wscale !== undefined) flags.push('wscale')
  draft.add('synproxy', {
    mss: within('mss', () => integer(mss ?? 0, 0, 0xffff)),
    wscale: within('wscale', () => integer(wscale ?? 0, 0, 14)),
    flags,
  })
}
