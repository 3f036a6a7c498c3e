/** Sysctls that NAT needs, in the namespace of a client, and back to what they were. */
import { show } from '../../protocol/wire/codec.ts'
import { invalid, NetlinkError } from '../error.ts'
import { checkObject } from '../input.ts'
import { Sysctl } from '../namespace/sysctl.ts'
import type { Netlink } from '../netlink.ts'
import { type Teller, toldAs } from '../told.ts'
import type { NatFamily } from './rule.ts'

export interface ForwardingOptions {
  /** The default is 'ip'. */
  family?: NatFamily | undefined
}

/** A sysctl that was turned on. */
export class Forwarding implements AsyncDisposable {
  /** It was off before. */
  readonly changed: boolean
  readonly #restore: () => Promise<void>

  /** @internal */
  constructor(changed: boolean, restore: () => Promise<void>) {
    this.changed = changed
    this.#restore = restore
  }

  /** Turns it off again, if it was off. */
  restore(): Promise<void> {
    return this.#restore()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#restore()
  }
}

const names = { ip: 'net.ipv4.ip_forward', ip6: 'net.ipv6.conf.all.forwarding' } as const

export function turnForwardingOn(netlink: Netlink, options: ForwardingOptions): Promise<Forwarding> {
  const operation = 'nat.forwarding'
  checkObject(operation, 'options', options)
  const { family = 'ip' } = options
  if (family !== 'ip' && family !== 'ip6') throw invalid(operation, 'family', `must be ip or ip6, got ${show(family)}`)
  // A kernel without IPv6 has no such sysctl.
  const path = ({ path }: NetlinkError): string | undefined => (path === 'name' ? 'family' : undefined)
  return turnOn(netlink, names[family], { operation, path })
}

/** Sets a sysctl to 1; `teller` says whose errors its errors are. */
export async function turnOn(netlink: Netlink, name: string, teller: Teller): Promise<Forwarding> {
  const told = <T>(action: () => Promise<T>): Promise<T> => toldAs({ subject: name, ...teller }, action)
  const sysctl = sysctlOf(netlink, teller.operation)
  let changed = await told(async () => {
    if ((await sysctl.get(name)) !== '0') return false
    await sysctl.set(name, 1)
    return true
  })
  return new Forwarding(changed, async () => {
    if (!changed) return
    changed = false
    await told(() => sysctl.set(name, 0))
  })
}

function sysctlOf({ namespace }: Netlink, operation: string): Sysctl {
  if (namespace === undefined) return Sysctl.here()
  if (namespace.sysctl !== undefined) return namespace.sysctl
  const reason = "the client's namespace gives no sysctl"
  throw new NetlinkError({ code: 'EOPNOTSUPP', operation, reason, outcome: 'unsent' })
}
