/** `reject`: with an ICMP error that suits the family, or a TCP reset. */
import { EncodeError, within } from '../../../../protocol/wire/codec.ts'
import type { Expr, NftFamily, RejectStatement } from '../../ast.ts'
import { dataType } from '../../datatypes/index.ts'
import { choice } from '../check.ts'
import { conflictingFamily, requireAtFront } from '../dependencies.ts'
import type { Draft } from '../draft.ts'
import { only } from '../hooks.ts'
import { NETWORK, TRANSPORT } from '../protocols.ts'

interface Kind {
  readonly type: 'tcp_rst' | 'icmpx_unreach' | 'icmp_unreach'
  readonly family?: 'ip' | 'ip6'
  readonly codes?: string
}
const kinds: Readonly<Record<string, Kind>> = {
  'tcp reset': { type: 'tcp_rst' },
  icmpx: { type: 'icmpx_unreach', codes: 'icmpx_code' },
  icmp: { type: 'icmp_unreach', family: 'ip', codes: 'icmp_code' },
  icmpv6: { type: 'icmp_unreach', family: 'ip6', codes: 'icmpv6_code' },
}

const inIp = ['input', 'forward', 'output', 'prerouting']
const hooks: Readonly<Record<NftFamily, readonly string[]>> = {
  ip: inIp,
  ip6: inIp,
  inet: [...inIp, 'ingress'],
  bridge: ['prerouting', 'input'],
  netdev: ['ingress'],
  arp: [],
}

/** Port unreachable, in each family's numbers. */
const PORT_UNREACHABLE = { ip: 3, ip6: 4, icmpx: 1 }

/** What nft chooses where nothing is said. */
function usual(draft: Draft): { kind: Kind; code: number } {
  const network = draft.known.layers[NETWORK]?.name
  if (network === 'ip') return { kind: kind('icmp'), code: PORT_UNREACHABLE.ip }
  if (network === 'ip6') return { kind: kind('icmpv6'), code: PORT_UNREACHABLE.ip6 }
  return { kind: kind('icmpx'), code: PORT_UNREACHABLE.icmpx }
}

const kind = (name: string): Kind => choice(kinds, name)

function codeOf(codes: string, value: Expr): number {
  if (typeof value === 'object') throw new EncodeError('must be a name or a number')
  return dataType(codes).parse(value, 8)[0] ?? 0
}

export function reject(draft: Draft, body: RejectStatement['reject']): void {
  const { family } = draft.known
  if (family === 'arp') throw new EncodeError('there is no reject in tables of family arp')
  only(draft, 'reject', { hooks: hooks[family] })
  if (body?.type === undefined) {
    const { kind, code } = usual(draft)
    if (body?.expr !== undefined) throw new EncodeError('needs a type: icmp, icmpv6 or icmpx', 'type')
    emit(draft, kind, code)
    return
  }
  const chosen = within('type', () => kind(body.type ?? ''))
  const { codes } = chosen
  if (codes === undefined) {
    within('type', () => checkReset(draft))
    emit(draft, chosen, 0)
    return
  }
  const { expr } = body
  if (expr === undefined) throw new EncodeError(`is missing: which ${body.type} error`, 'expr')
  const code = within('expr', () => codeOf(codes, expr))
  within('type', () => checkFamily(draft, chosen))
  emit(draft, chosen, code)
}

function checkReset(draft: Draft): void {
  const known = draft.known.layers[TRANSPORT]
  if (known !== undefined && known.name !== 'tcp') {
    throw new EncodeError(`'tcp reset' answers TCP only: the packets are ${known.name} here`)
  }
}

function checkFamily(draft: Draft, { family, type }: Kind): void {
  if (type === 'icmpx_unreach' && (draft.known.family === 'ip' || draft.known.family === 'ip6')) {
    throw new EncodeError(
      `icmpx is for tables of both families; use ${draft.known.family === 'ip' ? 'icmp' : 'icmpv6'}`,
    )
  }
  const network = draft.known.layers[NETWORK]
  if (network === undefined) return
  if (family !== undefined && network.name !== family) throw conflictingFamily(network, family)
  if (network.name !== 'ip' && network.name !== 'ip6') {
    throw new EncodeError(`only IP packets can be rejected: these are ${network.name}`)
  }
}

function emit(draft: Draft, { type, family }: Kind, icmpCode: number): void {
  if (type === 'tcp_rst') requireAtFront(draft, 'tcp')
  else if (family !== undefined) requireAtFront(draft, family)
  draft.add('reject', { type, icmpCode })
}
