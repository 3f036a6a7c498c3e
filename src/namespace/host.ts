/**
 * What a namespace needs from whoever may enter it. The in-process host (in-process.ts) enters by setns(2); a helper process that
 * sits in another user namespace answers the same interface. Everything here is asynchronous for that reason.
 */
import type { Descriptor } from '../descriptor.ts'

/** Where a namespace is to be found. */
export type NamespacePlace =
  /** A name below /run/netns, as `ip netns` gives it. */
  | { name: string }
  /** Any file that is a network namespace: a bind mount, '/proc/7/ns/net'. */
  | { path: string }
  /** The namespace of a process. */
  | { pid: number }
  /** A descriptor of this process; it is duplicated and stays the caller's. */
  | { fd: number }
  /** The namespace that the calling thread is in. */
  | { current: true }

/** The namespaces around a network namespace: of a sandbox user, mount and pid; of a process that was joined user only. */
export interface Surroundings {
  /** The folder /proc/PID/ns of a process that is in them. When that has ended it holds nothing, whoever has its pid then. */
  readonly folder: Descriptor
  /** The options of nsenter(1) for a folder which the program finds at `path`. */
  options(path: string): string[]
  /** A mount namespace is among them: entering it leads to '/', from where the program has to find its folder. */
  readonly mounts: boolean
  /** A pid namespace is among them: only a child is inside, and its parent waits for it. */
  readonly forks: boolean
}

/** A namespace that a host holds open. */
export interface NamespaceHandle {
  /** Its name below /run/netns, where it was made or opened by one. */
  readonly name: string | undefined
  /** The namespace, as a descriptor of this process: for messages (IFLA_NET_NS_FD) and for children. */
  readonly descriptor: Descriptor
  /** The other namespaces that a program has to enter too: those of a helper. Undefined: none. */
  readonly surroundings?: Surroundings | undefined
  /**
   * A socket that lives in the namespace, as a descriptor of this process which the caller owns.
   * SOCK_CLOEXEC is added to `type`. Throws NetlinkError ('EPERM': not allowed to enter; or what socket(2) says).
   */
  openSocket(domain: number, type: number, protocol: number): Promise<number>
  /**
   * A file opened by somebody inside the namespace, which is what decides whose /proc/sys/net it is. `path` is absolute and trusted;
   * `flags` are those of open(2), O_CLOEXEC is added. The caller owns the descriptor.
   */
  openFile(path: string, flags: number): Promise<number>
  /** Calls `listener` when the host has gone and nothing can be opened any more; close() of the host waits for what it returns. */
  onLost?(listener: () => unknown): void
  /** Lets go. The namespace lives on while it has a name, a process, or a socket. */
  close(): Promise<void>
}

export interface NamespaceHost {
  /** The folder of the names, where this process can watch it (inotify(7)); without one, list() is asked now and then. */
  readonly directory?: string | undefined
  /** A new namespace, with a name below /run/netns or held by the handle alone. 'EEXIST' where the name is taken. */
  create(name?: string): Promise<NamespaceHandle>
  open(place: NamespacePlace): Promise<NamespaceHandle>
  /** The names that can be opened, sorted. */
  list(): Promise<string[]>
  /** Takes the name away, as `ip netns del`. 'ENOENT' where there is none, or where it is not the namespace with this inode. */
  delete(name: string, inode?: number): Promise<void>
  /** Ends what the host runs. Handles that are open stay usable as descriptors only. */
  close(): Promise<void>
}
