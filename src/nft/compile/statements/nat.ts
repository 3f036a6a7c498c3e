/** `snat`, `dnat`, `masquerade`, `redirect` and `tproxy`: to addresses and ports that are constants, ranges or come from maps. */
import { EncodeError, isFields, within } from '../../../../protocol/wire/codec.ts'
import type { Expr, MapExpr, MasqueradeStatement, NatFlag, NatTarget, TproxyStatement } from '../../ast.ts'
import { dataTypes } from '../../datatypes/index.ts'
import { argument, type Interval, isInterval } from '../argument.ts'
import { names } from '../check.ts'
import { conflictingFamily } from '../dependencies.ts'
import type { Draft } from '../draft.ts'
import { only } from '../hooks.ts'
import type { Node, Shape } from '../node.ts'
import { NETWORK, TRANSPORT } from '../protocols.ts'
import { registerNumber, space } from '../registers.ts'
import { dataMap } from '../sets.ts'
import { shapeOf } from '../shape.ts'

type IpFamily = 'ip' | 'ip6'

type Flag = 'proto_random' | 'proto_random_fully' | 'persistent' | 'netmap' | 'proto_specified'

const flags: Readonly<Record<NatFlag, Flag>> = {
  random: 'proto_random',
  'fully-random': 'proto_random_fully',
  persistent: 'persistent',
  netmap: 'netmap',
}

const nfproto = { ip: 'ipv4', ip6: 'ipv6' } as const
const addresses: Readonly<Record<IpFamily, Shape>> = {
  ip: shapeOf(dataTypes.ipv4_addr),
  ip6: shapeOf(dataTypes.ipv6_addr),
}
const port = shapeOf(dataTypes.inet_service)

const isIp = (name: string | undefined): name is IpFamily => name === 'ip' || name === 'ip6'

/** Whose addresses: the table's, what is said, or what the rule has matched. */
function familyOf(draft: Draft, said: IpFamily | undefined): IpFamily | undefined {
  const { family, layers } = draft.known
  if (isIp(family)) {
    if (said !== undefined && said !== family)
      throw new EncodeError(`must be ${family} in tables of family ${family}`, 'family')
    return family
  }
  const known = layers[NETWORK]?.name
  const found = said ?? (isIp(known) ? known : undefined)
  const network = layers[NETWORK]
  if (found !== undefined && isIp(known) && known !== found && network !== undefined) {
    throw conflictingFamily(network, found).within('family')
  }
  return found
}

function checkFamily(draft: Draft, statement: string): void {
  const { family } = draft.known
  if (isIp(family) || family === 'inet') return
  throw new EncodeError(`${statement} works in tables of the families ip, ip6 and inet only, this one is ${family}`)
}

/** Whether a map's key says the transport protocol itself: `meta l4proto . th dport`, `ip saddr . tcp dport`. */
function mapTellsTransport(address: Node | Interval | undefined): boolean {
  if (address === undefined || isInterval(address) || address.kind !== 'map') return false
  const { key } = address
  if (key.kind !== 'concat') return false
  return key.parts.some(
    (part) =>
      (part.kind === 'payload' && ((part.layer === TRANSPORT && part.protocol?.name !== 'th') || part.tells)) ||
      (part.kind === 'load' && part.tells === 'l4proto'),
  )
}

function checkTransport(draft: Draft, address?: Node | Interval): void {
  if (draft.known.layers[TRANSPORT] !== undefined || mapTellsTransport(address)) return
  throw new EncodeError('needs a transport protocol: match one before, as `tcp dport` or `meta l4proto` do')
}

/** Loads the ends of a range, or a value, one behind the other. */
function loadEnds(draft: Draft, node: Node | Interval): { least: number; most?: number; index: number } {
  const index = draft.registers.take()
  if (!isInterval(node)) {
    draft.load(node, index)
    return { least: registerNumber(index), index }
  }
  const last = draft.registers.take()
  draft.load(node.from, index)
  draft.load(node.to, last)
  return { least: registerNumber(index), most: registerNumber(last), index }
}

interface Registers {
  regAddrMin?: number
  regAddrMax?: number
  regProtoMin?: number
  regProtoMax?: number
}

/** A map whose values are an address and a port, or ranges: they come into registers one behind the other. */
function mapped(address: Node, family: IpFamily, index: number): Registers {
  if (address.kind !== 'map') return {}
  const { concatenated, interval } = address
  const width = space(addresses[family].bits)
  if (!concatenated) return interval ? { regAddrMax: registerNumber(index + width) } : {}
  const behind = index + width
  if (!interval) return { regProtoMin: registerNumber(behind) }
  // The first address and port, then the last ones
  const upper = behind + space(port.bits)
  return {
    regProtoMin: registerNumber(behind),
    regAddrMax: registerNumber(upper),
    regProtoMax: registerNumber(upper + width),
  }
}

function translate(draft: Draft, statement: 'snat' | 'dnat', body: NatTarget): void {
  checkFamily(draft, statement)
  const hooks = statement === 'snat' ? ['postrouting', 'input'] : ['prerouting', 'output']
  only(draft, statement, { hooks, type: 'nat' })
  const { addr, port: ports } = body
  if (addr === undefined && ports === undefined) throw new EncodeError('needs an address or a port', 'addr')
  const family = familyOf(draft, body.family)
  const chosen = new Set<Flag>(within('flags', () => names(flags, body.flags)))
  if (typesOf(body).includes('prefix')) chosen.add('netmap')
  const start = draft.registers.take()
  draft.registers.release(start)

  const registers: Registers = {}
  let address: Node | Interval | undefined
  if (addr !== undefined) {
    if (family === undefined) throw new EncodeError(`is missing: 'ip' or 'ip6', in tables of family inet`, 'family')
    address = within('addr', () => natAddress(draft, addr, family))
    const { least, most, index } = loadEnds(draft, address)
    registers.regAddrMin = least
    if (most !== undefined) registers.regAddrMax = most
    if (!isInterval(address)) {
      if (address.kind === 'map' && address.concatenated) within('addr', () => checkTransport(draft, address))
      Object.assign(registers, mapped(address, family, index))
    }
  }
  if (ports !== undefined) {
    const node = within('port', () => {
      checkTransport(draft, address)
      return argument(draft, ports, port)
    })
    const { least, most } = loadEnds(draft, node)
    registers.regProtoMin = least
    if (most !== undefined) registers.regProtoMax = most
    chosen.add('proto_specified')
  }
  draft.registers.release(start)
  const proto = addr === undefined && draft.known.family === 'inet' ? 'inet' : nfproto[family ?? 'ip']
  draft.add('nat', { type: statement, family: proto, ...registers, ...(chosen.size > 0 && { flags: [...chosen] }) })
}

const typesOf = ({ type_flags = [] }: NatTarget): readonly string[] =>
  typeof type_flags === 'string' ? [type_flags] : type_flags

/** A map may give a port behind the address. */
function natAddress(draft: Draft, addr: Expr, family: IpFamily): Node | Interval {
  const shape = addresses[family]
  if (!isFields(addr) || !('map' in addr)) return argument(draft, addr, shape)
  return within('map', () => dataMap(draft, (addr as MapExpr).map, shape, port))
}

export const snat = (draft: Draft, body: NatTarget): void => translate(draft, 'snat', body)
export const dnat = (draft: Draft, body: NatTarget): void => translate(draft, 'dnat', body)

/** Only the ports are chosen: masquerade takes the device's address, redirect this machine's. */
function portsOnly(draft: Draft, name: 'masq' | 'redir', body: MasqueradeStatement['masquerade']): void {
  const chosen = new Set<Flag>(within('flags', () => names(flags, body?.flags)))
  const registers: Registers = {}
  const ports = body?.port
  if (ports !== undefined) {
    const node = within('port', () => {
      checkTransport(draft)
      return argument(draft, ports, port)
    })
    const { least, most, index } = loadEnds(draft, node)
    registers.regProtoMin = least
    if (most !== undefined) registers.regProtoMax = most
    draft.registers.release(index)
    chosen.add('proto_specified')
  }
  draft.add(name, { ...registers, ...(chosen.size > 0 && { flags: [...chosen] }) })
}

export function masquerade(draft: Draft, body: MasqueradeStatement['masquerade']): void {
  checkFamily(draft, 'masquerade')
  only(draft, 'masquerade', { hooks: ['postrouting'], type: 'nat' })
  portsOnly(draft, 'masq', body)
}

export function redirect(draft: Draft, body: MasqueradeStatement['masquerade']): void {
  checkFamily(draft, 'redirect')
  only(draft, 'redirect', { hooks: ['prerouting', 'output'], type: 'nat' })
  portsOnly(draft, 'redir', body)
}

export function tproxy(draft: Draft, body: TproxyStatement['tproxy']): void {
  checkFamily(draft, 'tproxy')
  only(draft, 'tproxy', { hooks: ['prerouting'] })
  checkTransport(draft)
  const { addr, port: target } = body
  if (addr === undefined && target === undefined) throw new EncodeError('needs an address or a port', 'addr')
  const family = familyOf(draft, body.family)
  const one = (path: string, given: Expr, shape: Shape): Node =>
    within(path, () => {
      const node = argument(draft, given, shape)
      if (isInterval(node)) throw new EncodeError('must be one value: tproxy takes no ranges')
      return node
    })
  const start = draft.registers.take()
  draft.registers.release(start)
  const registers: { regAddr?: number; regPort?: number } = {}
  if (addr !== undefined) {
    if (body.family === undefined && family === undefined) {
      throw new EncodeError(`is missing: 'ip' or 'ip6', in tables of family inet`, 'family')
    }
    registers.regAddr = loadEnds(draft, one('addr', addr, addresses[family ?? 'ip'])).least
  }
  if (target !== undefined) registers.regPort = loadEnds(draft, one('port', target, port)).least
  draft.registers.release(start)
  const said = isIp(draft.known.family) ? draft.known.family : body.family
  draft.add('tproxy', { family: said === undefined ? 'unspec' : nfproto[said], ...registers })
}
