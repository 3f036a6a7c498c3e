/** What calls of a Namespace take beside their arguments. */
import { checkBoolean, checkMethods, checkMilliseconds, checkObject } from '../input.ts'
import type { NamespaceHost } from './host.ts'
import { InProcessHost } from './in-process.ts'
import type { Namespace } from './namespace.ts'

export interface HostOptions {
  /** Who enters the namespaces; this process itself by default. A Sandbox has a host, so a Sandbox fits here. */
  host?: NamespaceHost
}

export interface IdOptions {
  /** The namespace in which the id is valid; the default is that of the caller (of what is in a Sandbox: the sandbox's own). */
  in?: Namespace | undefined
}

export interface DeleteOptions {
  /**
   * Wait until the devices of the namespace are gone from the others too: the local ends of its pairs. The kernel removes them some
   * milliseconds after the last user of the namespace went. The default is true.
   */
  wait?: boolean
  /** Milliseconds to wait at most, then 'ETIMEDOUT'; 5000 by default. */
  timeout?: number
}

let ownHost: NamespaceHost | undefined

/** The host of this process, where no other is given. */
export function inProcess(): NamespaceHost {
  ownHost ??= new InProcessHost()
  return ownHost
}

/** Whom the options name, or this process. Throws NetlinkError EINVAL. */
export function hostOf(operation: string, options: HostOptions): NamespaceHost {
  checkObject(operation, 'options', options)
  const { host } = options
  if (host === undefined) return inProcess()
  checkMethods(operation, 'host', host, 'the host of a Sandbox', 'create', 'open', 'list', 'delete')
  return host
}

/** Where an id is to be valid. Throws NetlinkError EINVAL. */
export function viewOf(operation: string, options: IdOptions): Namespace | undefined {
  checkObject(operation, 'options', options)
  if (options.in !== undefined) checkMethods(operation, 'in', options.in, 'a Namespace', 'netlink')
  return options.in
}

/** Throws NetlinkError EINVAL. */
export function checkDelete(operation: string, options: DeleteOptions): void {
  checkObject(operation, 'options', options)
  checkBoolean(operation, 'wait', options.wait)
  checkMilliseconds(operation, 'timeout', options.timeout)
}
