/** What calls of a Namespace take beside their arguments. */
import type { NamespaceHost } from './host.ts'
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
