/** `nl.addr`: IP addresses of devices, as `ip address` has them (RTM_NEWADDR and its like, rtnetlink(7)). */
import { type AddressMessage, type AddressMessageInput, addressMessage } from '../protocol/route/address.ts'
import { RTM_DELADDR, RTM_GETADDR, RTM_NEWADDR } from '../protocol/route/operations.ts'
import { formatIp, formatPrefix, type Prefix, parseIp } from '../protocol/wire/address.ts'
import { Sink, source } from '../protocol/wire/bytes.ts'
import { show } from '../protocol/wire/codec.ts'
import { read, write } from '../protocol/wire/compile.ts'
import type { CallControl, RequestOptions, Turn } from './client.ts'
import { checkDevice, type Device, indexOf, Names } from './device.ts'
import { Dump } from './dump.ts'
import { invalid, NetlinkError } from './error.ts'
import { checkArray, checkControl, checkObject } from './input.ts'
import type { Netlink } from './netlink.ts'
import {
  checkAddress,
  checkFamily,
  checkPrefix,
  familyOf,
  fromScope,
  type IpFamily,
  type Scope,
  toScope,
} from './words.ts'

/** Seconds, or no end. */
export type Lifetime = number | 'forever'
type AddressFlags = NonNullable<AddressMessage['flags']>

/** An address as list() gives it. */
export interface Address {
  /** The device: its name, or its index where it has just gone. */
  dev: Device
  /** The device's index. */
  index: number
  /** '192.168.1.1/24'. With a `peer` there is no length: the peer's counts. IFA_LOCAL */
  address: string
  /** The other end of a point-to-point link, '10.0.0.2/32'. `ip address add ... peer`. IFA_ADDRESS */
  peer?: string
  /** IPv4. IFA_BROADCAST */
  broadcast?: string
  /** IPv4: the device's name, perhaps with ':text' behind it. IFA_LABEL */
  label?: string
  scope: Scope
  /** 'permanent', 'tentative', 'noprefixroute', 'nodad' ... IFA_FLAGS */
  flags: AddressFlags
  /** Seconds until the address goes. IFA_CACHEINFO */
  validLft: Lifetime
  /** Seconds until new connections avoid it. */
  preferredLft: Lifetime
  /** Metric of the prefix's route. IFA_RT_PRIORITY */
  metric?: number
  /** Who added it. IFA_PROTO */
  protocol?: NonNullable<AddressMessage['proto']>
}

/** What add() and replace() take; whatever list() gives fits. */
export interface AddressInput {
  dev: Device
  /** '192.168.1.1/24'; without a length it is that of a host, as in `ip address add`. */
  address: string
  peer?: string | undefined
  /** An address, '+' for the prefix's last one, '-' for its first. */
  broadcast?: string | undefined
  label?: string | undefined
  /** The default is 'global', for 127.0.0.0/8 'host'. */
  scope?: Scope | undefined
  /** 'noprefixroute', 'nodad', 'optimistic', 'homeaddress', 'managetempaddr', 'mcautojoin'; what the kernel only reports is ignored. */
  flags?: AddressFlags | undefined
  validLft?: Lifetime | undefined
  preferredLft?: Lifetime | undefined
  metric?: number | undefined
  protocol?: AddressMessage['proto']
  /** Ignored: `dev` counts. */
  index?: number | undefined
}

export interface AddressFilter extends CallControl {
  /** Only this device's, filtered by the kernel. */
  dev?: Device | undefined
  family?: IpFamily | undefined
}

const INFINITY = 0xffffffff
const settable: ReadonlySet<unknown> = new Set([
  'nodad',
  'optimistic',
  'homeaddress',
  'managetempaddr',
  'noprefixroute',
  'mcautojoin',
])

export class AddressService {
  readonly #netlink: Netlink

  constructor(netlink: Netlink) {
    this.#netlink = netlink
  }

  /**
   * Adds an address: `ip address add ADDRESS dev DEV`. Returns what was sent.
   *
   * @throws NetlinkError 'EEXIST': the device has it; 'ENODEV'; 'EINVAL' with `path`.
   * @example await nl.addr.add({ dev: 'br0', address: '192.168.1.1/24', broadcast: '+' })
   */
  add(address: AddressInput, control: CallControl = {}): Promise<Address> {
    return this.#send('addr.add', address, ['create', 'excl'], control)
  }

  /** Adds an address, or changes its lifetimes, flags and metric where the device has it: `ip address replace`. */
  replace(address: AddressInput, control: CallControl = {}): Promise<Address> {
    return this.#send('addr.replace', address, ['create', 'replace'], control)
  }

  /**
   * Removes an address: `ip address del ADDRESS dev DEV`.
   *
   * @throws NetlinkError 'EADDRNOTAVAIL': the device does not have it.
   */
  async del(
    address: Pick<AddressInput, 'dev' | 'address' | 'peer' | 'label'>,
    control: CallControl = {},
  ): Promise<void> {
    const operation = 'addr.del'
    checkControl(operation, control)
    checkObject(operation, 'address', address)
    const message = toMessage(
      { dev: address.dev, address: address.address, peer: address.peer, label: address.label },
      operation,
    )
    await this.#inOrder(operation, address, control, (index, turn) =>
      turn.send(RTM_DELADDR, { ...message, header: { ...message.header, index } }, options(address)),
    )
  }

  /** All addresses, or those that match: `ip address show`. Await it as an array, or loop over it with `for await`. */
  list(filter: AddressFilter = {}): Dump<Address> {
    return Dump.of(() => this.#list(filter))
  }

  #list(filter: AddressFilter): Dump<Address> {
    const operation = 'addr.list'
    checkControl(operation, filter)
    const { dev, family, ...control } = filter
    if (family !== undefined) checkFamily(operation, 'family', family)
    if (dev !== undefined) checkDevice(operation, 'dev', dev)
    const ask: Turn['ask'] = (...args) => this.#netlink.request(...args)
    const names = new Names(ask)
    return this.#netlink.list({
      operation: RTM_GETADDR,
      request: async () => ({
        header: {
          ...(family !== undefined && { family }),
          ...(dev !== undefined && { index: await indexOf(ask, operation, 'dev', dev) }),
        },
      }),
      object: toAddress,
      complete: async (addresses) => {
        for (const address of addresses) address.dev = (await names.of(address.index)) ?? address.index
      },
      absent: ['ENODEV'],
      ...control,
    })
  }

  /** Removes all addresses that match, and returns them: `ip address flush`. Throws 'EINVAL' for a filter that matches everything. */
  async flush(filter: AddressFilter): Promise<Address[]> {
    checkControl('addr.flush', filter)
    const { dev, family, ...control } = filter
    if (dev === undefined && family === undefined) throw invalid('addr.flush', 'dev', 'is missing (or give a family)')
    const found = await this.list({ dev, family, ...control })
    for (const { index, ...address } of found) {
      try {
        await this.del({ ...address, dev: index }, control)
      } catch (error) {
        // A secondary address goes with its primary one (inet_del_ifa, net/ipv4/devinet.c).
        if (!(error instanceof NetlinkError) || error.code !== 'EADDRNOTAVAIL') throw error
      }
    }
    return found
  }

  async #send(operation: string, address: AddressInput, flags: string[], control: CallControl): Promise<Address> {
    checkControl(operation, control)
    checkObject(operation, 'address', address)
    const message = toMessage(address, operation)
    const index = await this.#inOrder(operation, address, control, async (index, turn) => {
      await turn.send(RTM_NEWADDR, { ...message, header: { ...message.header, index } }, { ...options(address), flags })
      return index
    })
    return sent(address, message, index)
  }

  /** Looks the device up in the order of calls. */
  async #inOrder<T>(
    operation: string,
    { dev, address }: Pick<AddressInput, 'dev' | 'address'>,
    control: CallControl,
    send: (index: number, turn: Turn) => Promise<T>,
  ): Promise<T> {
    checkDevice(operation, 'dev', dev)
    const task = async (turn: Turn): Promise<T> => send(await indexOf(turn.ask, operation, 'dev', dev), turn)
    return this.#netlink.turn({ operation, subject: address, names: false, ...control }, task)
  }
}

function options({ address, dev }: Pick<AddressInput, 'dev' | 'address'>): RequestOptions {
  return { subject: `${address} dev ${dev}`, rename: renameAddress }
}

const renames: Readonly<Record<string, string>> = {
  local: 'address',
  address: 'peer',
  rtPriority: 'metric',
  proto: 'protocol',
  'header.index': 'dev',
  'header.prefixlen': 'address',
  'header.family': 'address',
  'header.scope': 'scope',
  'cacheinfo.valid': 'validLft',
  'cacheinfo.prefered': 'preferredLft',
  cacheinfo: 'validLft',
}

function renameAddress(path: string): string {
  return renames[path] ?? path
}

/** The message of an address, all but the device's index. */
function toMessage(address: AddressInput, operation: string): AddressMessageInput {
  const local = checkPrefix(operation, 'address', address.address)
  const peer = address.peer === undefined ? undefined : checkPrefix(operation, 'peer', address.peer)
  if (peer && peer.family !== local.family)
    throw invalid(operation, 'peer', `must be of the family of ${address.address}, got '${address.peer}'`)
  const { label, metric, protocol, flags } = address
  if (flags !== undefined) checkArray(operation, 'flags', flags)
  const broadcast = broadcastOf(address, local, operation)
  const cacheinfo = lifetimes(address, operation)
  const kept = flags?.filter((flag) => settable.has(flag))
  const scope = address.scope ?? (local.family === 4 && local.address.startsWith('127.') ? 'host' : 'global')
  return {
    header: {
      family: familyOf(local),
      // Where both have one, the peer's is that of the prefix.
      prefixlen: peer && (address.peer?.includes('/') || !address.address.includes('/')) ? peer.length : local.length,
      scope: fromScope(scope),
    },
    local: local.address,
    address: peer?.address ?? local.address,
    ...(broadcast !== undefined && { broadcast }),
    ...(label !== undefined && { label }),
    ...(kept && { flags: kept }),
    ...(cacheinfo && { cacheinfo }),
    ...(metric !== undefined && { rtPriority: metric }),
    ...(protocol !== undefined && { proto: protocol }),
  }
}

function broadcastOf({ broadcast }: AddressInput, local: Prefix, operation: string): string | undefined {
  if (broadcast === undefined) return undefined
  if (local.family !== 4) throw invalid(operation, 'broadcast', 'is for IPv4 only')
  if (broadcast !== '+' && broadcast !== '-') {
    const { family, address } = checkAddress(operation, 'broadcast', broadcast)
    if (family !== 4) throw invalid(operation, 'broadcast', `must be an IPv4 address, '+' or '-', got '${broadcast}'`)
    return address
  }
  // A /31 (RFC 3021) and a /32 have no broadcast address.
  if (local.length > 30) return undefined
  const bytes = parseIp(local.address) ?? new Uint8Array(4)
  const host = 0xffffffff >>> local.length
  const view = new DataView(bytes.buffer)
  const word = view.getUint32(0)
  view.setUint32(0, broadcast === '+' ? word | host : word & ~host)
  return formatIp(bytes)
}

function lifetimes(
  { validLft, preferredLft }: AddressInput,
  operation: string,
): { valid: number; prefered: number } | undefined {
  if (validLft === undefined && preferredLft === undefined) return undefined
  const valid = seconds(validLft ?? 'forever', operation, 'validLft')
  const prefered = seconds(preferredLft ?? validLft ?? 'forever', operation, 'preferredLft')
  if (valid === 0) throw invalid(operation, 'validLft', 'must not be 0')
  if (prefered > valid)
    throw invalid(
      operation,
      'preferredLft',
      `must not be longer than validLft, ${preferredLft} is longer than ${validLft}`,
    )
  return { valid, prefered }
}

function seconds(lifetime: Lifetime, operation: string, path: string): number {
  if (lifetime === 'forever') return INFINITY
  if (Number.isInteger(lifetime) && lifetime >= 0 && lifetime < INFINITY) return lifetime
  throw invalid(operation, path, `must be 'forever' or seconds 0..${INFINITY - 1}, got ${show(lifetime)}`)
}

const lifetime = (value: number): Lifetime => (value === INFINITY ? 'forever' : value)

function toAddress(message: AddressMessage): Address | undefined {
  const { header, address, broadcast, label, flags, cacheinfo, rtPriority, proto } = message
  const local = message.local ?? address
  // MCTP and Phonet answer a dump of all families too.
  if (local === undefined || (header.family !== 'inet' && header.family !== 'inet6')) return undefined
  const peer = address !== undefined && address !== local ? formatPrefix(address, header.prefixlen) : undefined
  return {
    dev: header.index,
    index: header.index,
    address: peer === undefined ? formatPrefix(local, header.prefixlen) : local,
    ...(peer !== undefined && { peer }),
    ...(broadcast !== undefined && { broadcast }),
    ...(label !== undefined && { label }),
    scope: toScope(header.scope),
    flags: flags ?? header.flags,
    validLft: lifetime(cacheinfo?.valid ?? INFINITY),
    preferredLft: lifetime(cacheinfo?.prefered ?? INFINITY),
    ...(rtPriority !== undefined && { metric: rtPriority }),
    ...(proto !== undefined && { protocol: proto }),
  }
}

/** What the kernel was told, as an object: it echoes no address before 6.2. */
function sent({ dev }: AddressInput, message: AddressMessageInput, index: number): Address {
  const sink = new Sink()
  write(addressMessage, message, sink)
  // It holds a local address: toMessage() put it in.
  const object = toAddress(read(addressMessage, source(sink.finish()), 0, sink.position)) as Address
  return { ...object, dev, index }
}
