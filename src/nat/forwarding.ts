/** Sysctls that NAT needs, in the namespace of a client, and back to what they were. */
import { show } from '../../protocol/wire/codec.ts'
import { invalid } from '../error.ts'
import { checkObject } from '../input.ts'
import type { Sysctl } from '../namespace/sysctl.ts'
import type { Netlink } from '../netlink.ts'
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
  return turnOn(netlink, names[family])
}

/** Sets a sysctl to 1. */
export async function turnOn(netlink: Netlink, name: string): Promise<Forwarding> {
  const before = await withSysctl(netlink, async (sysctl) => {
    const value = await sysctl.get(name)
    if (value === '0') await sysctl.set(name, 1)
    return value
  })
  let changed = before === '0'
  return new Forwarding(changed, async () => {
    if (!changed) return
    changed = false
    await withSysctl(netlink, (sysctl) => sysctl.set(name, 0))
  })
}

async function withSysctl<T>(netlink: Netlink, action: (sysctl: Sysctl) => Promise<T>): Promise<T> {
  const { namespace } = netlink
  if (namespace?.sysctl !== undefined) return action(namespace.sysctl)
  const { Namespace } = await import('../namespace/namespace.ts')
  const current = await Namespace.current()
  try {
    return await action(current.sysctl)
  } finally {
    await current.close()
  }
}
