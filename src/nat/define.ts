/** From the options of a call to a rule in one form, and the name that it has by default. */
import { show } from '../../protocol/wire/codec.ts'
import {
  Check,
  type Definition,
  type ForwardOptions,
  familyOf,
  type MasqueradeOptions,
  type NatDefinition,
  type NatSources,
  type RedirectOptions,
  type SnatOptions,
} from './rule.ts'

/** Leaves out what is undefined. */
function filled<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
}

/** One is said without a list. */
const some = (list: string[] | undefined): string | string[] | undefined => (list?.length === 1 ? list[0] : list)

function sources(options: NatSources, check: Check): NatSources {
  check.object('options', options)
  const { source, except, out, outNot, family } = options
  if (source === undefined && out === undefined)
    throw check.fault('source', 'is missing (or give out): all that this host forwards would be translated')
  if (out !== undefined && outNot !== undefined) throw check.fault('outNot', 'cannot be given along with out')
  check.agree('family', family)
  return {
    source: source === undefined ? undefined : check.network('source', source),
    except: some(check.networks('except', except)),
    out: check.device('out', out),
    outNot: check.device('outNot', outNot),
    family: undefined,
  }
}

export function defineMasquerade(options: MasqueradeOptions): Definition<'masquerade'> {
  const check = new Check('nat.masquerade')
  const matched = sources(options, check)
  return filled({ kind: 'masquerade', ...matched, family: check.agree('family', undefined) })
}

export function defineSnat(options: SnatOptions): Definition<'snat'> {
  const check = new Check('nat.snat')
  const matched = sources(options, check)
  const { to } = options
  const bounds = typeof to === 'string' ? to.split('-') : [to]
  if (bounds.length > 2) throw check.fault('to', `must be an address or a range of them, got ${show(to)}`)
  const addresses = bounds.map((each) => check.address('to', each)).join('-')
  return filled({ kind: 'snat', ...matched, family: check.agree('family', undefined), to: addresses })
}

/** '192.168.1.10:80', '[2001:db8::1]:80', an address alone. */
function target(to: unknown, check: Check): { address: string; port?: number } {
  const text = typeof to === 'string' ? to : ''
  const [, address = text, port] = /^\[([^\]]*)\](?::(.*))?$/.exec(text) ?? /^([^:]*):([^:]*)$/.exec(text) ?? []
  return {
    address: check.address('to', to === text ? address : to),
    ...(port !== undefined && { port: check.port('to', port) }),
  }
}

export function defineForward(options: ForwardOptions): Definition<'forward'> {
  const check = new Check('nat.forward')
  check.object('options', options)
  const { on, localhost, hairpin } = options
  if (localhost !== undefined && typeof localhost !== 'boolean')
    throw check.fault('localhost', `must be true or false, got ${show(localhost)}`)
  const protocol = check.protocol(options.protocol)
  const port = check.ports('port', options.port)
  const to = target(options.to, check)
  if (typeof port === 'string' && to.port !== undefined)
    throw check.fault('to', `must be an address alone: several ports go to the same ones, got ${show(options.to)}`)
  if (localhost === true && familyOf(to.address) === 'ip6')
    throw check.fault('localhost', 'is for IPv4 only: the kernel never routes ::1')
  const wanted = to.port ?? port
  const whole = familyOf(to.address) === 'ip6' ? `[${to.address}]` : to.address
  return filled({
    kind: 'forward',
    protocol,
    port,
    on: isAddress(on) ? check.address('on', on) : check.device('on', on),
    to: typeof wanted === 'string' ? to.address : `${whole}:${wanted}`,
    localhost: localhost === true ? true : undefined,
    hairpin: hairpin === undefined || hairpin === false ? hairpin : check.network('hairpin', hairpin),
  })
}

export function defineRedirect(options: RedirectOptions): Definition<'redirect'> {
  const check = new Check('nat.redirect')
  check.object('options', options)
  const { on, family } = options
  check.agree('family', family)
  return filled({
    kind: 'redirect',
    protocol: check.protocol(options.protocol),
    port: check.ports('port', options.port),
    to: check.port('to', options.to),
    in: check.device('in', options.in),
    on: on === undefined ? undefined : check.address('on', on),
    family: check.agree('family', undefined),
  })
}

/** Names of devices have no ':', and those like '1.2.3.4' nobody wants; 'eth0.100' is one. */
export const isAddress = (on: unknown): boolean =>
  typeof on === 'string' && (on.includes(':') || /^\d+[\d.]*\.\d+$/.test(on))

/** What it matches, and not what becomes of it: the same packets to somewhere else have the same name, and are refused. */
export function defaultName(definition: NatDefinition): string {
  const { kind } = definition
  if (kind === 'forward') {
    const { protocol, port, on } = definition
    return `forward ${protocol} ${on === undefined ? port : on.includes(':') ? `[${on}]:${port}` : `${on}:${port}`}`
  }
  if (kind === 'redirect') {
    const { protocol, port, on, in: device, family } = definition
    const words = [device && `in ${device}`, on && `on ${on}`, !on && family]
    return ['redirect', protocol, port, ...words.filter(Boolean)].join(' ')
  }
  const { source, out, outNot, family } = definition
  const words = [source ?? family, out && `out ${out}`, outNot && `not out ${outNot}`]
  return [kind, ...words.filter(Boolean)].join(' ')
}
