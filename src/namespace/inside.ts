/** What is done inside a network namespace: sockets, files, programs, and what must be closed before it can go. */
import type { Socket as DatagramSocket } from 'node:dgram'
import type { Server, Socket } from 'node:net'
import type { Result, ResultPromise } from 'execa'
import { checkFunction, checkInteger, checkObject, checkText } from '../input.ts'
import { type ExecOptions, spawn } from './exec.ts'
import type { NamespaceHandle } from './host.ts'
import type { ConnectOptions, ListenOptions, UdpOptions } from './sockets.ts'
import { Sysctl } from './sysctl.ts'

/** On first use: node:net, node:dgram and node:dns take 8 ms of a start-up. */
const sockets = (): Promise<typeof import('./sockets.ts')> => import('./sockets.ts')

/** What system calls take as an int. */
const greatest = 2 ** 31 - 1

/** The part of a Namespace that its host's handle is enough for. */
export abstract class Inside {
  readonly #handle: NamespaceHandle
  readonly #resources = new Set<() => unknown>()
  /** `sysctl net....` inside. */
  readonly sysctl: Sysctl

  protected constructor(handle: NamespaceHandle) {
    this.#handle = handle
    this.sysctl = new Sysctl((path, flags) => handle.openFile(path, flags))
  }

  /**
   * A socket in the namespace, socket(2), as a descriptor which the caller owns and closes. SOCK_CLOEXEC is added.
   * Throws NetlinkError (EPERM, EAFNOSUPPORT, EINVAL, ...).
   */
  async openSocket(domain: number, type: number, protocol: number): Promise<number> {
    for (const [path, given] of Object.entries({ domain, type, protocol }))
      checkInteger('namespace.openSocket', path, given, 0, greatest)
    return this.#handle.openSocket(domain, type, protocol)
  }

  /**
   * A file as whoever is inside the namespace opens it: what is below /proc/net, /proc/sys/net, and /dev/net/tun. `path` is absolute, `flags` are
   * those of open(2). The caller owns the descriptor and closes it. O_CLOEXEC is added. Throws NetlinkError (ENOENT, EACCES, EINVAL, ...).
   */
  async openFile(path: string, flags: number): Promise<number> {
    checkText('namespace.openFile', 'path', path)
    checkInteger('namespace.openFile', 'flags', flags, 0, greatest)
    return this.#handle.openFile(path, flags)
  }

  /**
   * Runs a program inside, to its end: `ip netns exec NAME FILE ARGS`. No shell sees the arguments. Resolves with execa's result and rejects with its
   * error (exitCode, signal, stderr).
   * Throws NetlinkError: ENOENT where nsenter (util-linux) is missing, EBADF after close(), EINVAL with `path` ('file', 'args[1]', 'cwd' ...).
   */
  async exec<O extends ExecOptions = Record<never, never>>(
    file: string,
    args: readonly string[] = [],
    options?: O,
  ): Promise<Result<O>> {
    const { subprocess } = await this.spawn<O>(file, args, options)
    // What ResultPromise<O> promises; the compiler cannot tell for an O that is open.
    return subprocess as unknown as Promise<Result<O>>
  }

  /**
   * Starts a program inside and gives execa's subprocess, for its streams and kill(). It keeps the namespace alive as long as it runs.
   * Throws as exec() does.
   *
   * @example
   * const { subprocess } = await ns.spawn('ping', ['192.168.1.1'])
   * for await (const line of subprocess) console.log(line)
   */
  spawn<O extends ExecOptions = Record<never, never>>(
    file: string,
    args: readonly string[] = [],
    options?: O,
  ): Promise<{ subprocess: ResultPromise<O> }> {
    return spawn<O>(this.#handle, file, args, options)
  }

  /**
   * A TCP server inside, listening. Host names are looked up in the caller's namespace. It is closed when the namespace is deleted.
   * Throws NetlinkError: EINVAL with `path`, EADDRINUSE, ...
   */
  async listen(options: ListenOptions = {}, onConnection?: (socket: Socket) => void): Promise<Server> {
    checkObject('listen', 'options', options)
    if (onConnection !== undefined) checkFunction('listen', 'onConnection', onConnection)
    const { listen } = await sockets()
    const server = await listen(this.#open, options, onConnection)
    const connections = new Set<Socket>()
    server.on('connection', (socket) => {
      connections.add(socket)
      socket.once('close', () => connections.delete(socket))
    })
    const release = this.own(
      () =>
        new Promise<void>((resolve) => {
          for (const socket of connections) socket.destroy()
          server.close(() => resolve())
        }),
    )
    server.once('close', release)
    return server
  }

  /**
   * A TCP connection from inside, connected. Host names are looked up in the caller's namespace.
   * Throws NetlinkError: EINVAL with `path`, ECONNREFUSED, ENETUNREACH, ...
   */
  async connect(options: ConnectOptions): Promise<Socket> {
    checkObject('connect', 'options', options)
    const { connect } = await sockets()
    const socket = await connect(this.#open, options)
    return this.#kept(socket, () => socket.destroy())
  }

  /**
   * A UDP socket inside, bound. Host names given to send() are looked up in the caller's namespace.
   * Throws NetlinkError: EINVAL with `path`, EADDRINUSE, ...
   */
  async udp(options: UdpOptions = {}): Promise<DatagramSocket> {
    checkObject('udp', 'options', options)
    const { udp } = await sockets()
    const socket = await udp(this.#open, options)
    return this.#kept(socket, () => socket.close())
  }

  /** Has it closed before the namespace goes, where it is not by then. */
  #kept<T extends Socket | DatagramSocket>(socket: T, close: () => unknown): T {
    socket.once(
      'close',
      this.own(() => closing(socket, close)),
    )
    return socket
  }

  readonly #open = (domain: number, type: number, protocol: number): Promise<number> =>
    this.openSocket(domain, type, protocol)

  /**
   * Registers what must be closed before the namespace can go: a client, a server. Returns the function that takes it back.
   * delete() calls `close` and waits for it.
   */
  own(close: () => unknown): () => void {
    checkFunction('namespace.own', 'close', close)
    this.#resources.add(close)
    return () => this.#resources.delete(close)
  }

  /** Closes what is registered. */
  protected async closeOwned(): Promise<void> {
    const resources = [...this.#resources]
    this.#resources.clear()
    await Promise.allSettled(resources.map(async (close) => close()))
  }
}

function closing(
  emitter: { once(event: 'close', listener: () => void): unknown },
  close: () => unknown,
): Promise<void> {
  return new Promise((resolve) => {
    emitter.once('close', resolve)
    close()
  })
}
