/** The host of a helper process: the same interface as the in-process host, every descriptor fetched with pidfd_getfd(2). */
import { randomBytes } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { adopt } from '../adopt.ts'
import { O_PATH } from '../constants.ts'
import { Descriptor } from '../descriptor.ts'
import { NetlinkError } from '../error.ts'
import { pidfdGetfd, pidfdOpen } from '../libc.ts'
import type { NamespaceHandle, NamespaceHost, NamespacePlace } from '../namespace/host.ts'
import { checkName, checkPlace } from '../namespace/name.ts'
import type { Channel } from './channel.ts'
import { DatagramChannel, type UnixDatagram } from './datagram.ts'
import { fetchCauses, sentence } from './diagnosis.ts'
import { nameFolder, removeFolder, socketsIn } from './folder.ts'
import { HelperHandle } from './handle.ts'
import { IpcChannel } from './ipc.ts'
import { type Entrance, helperPid, type Launched, launch, operation, startFailure } from './launch.ts'
import { innerPid, inodeOf } from './pid.ts'
import { type Hello, type Instructions, type Opened, version } from './protocol.ts'
import { Rpc } from './rpc.ts'
import { surroundings } from './surroundings.ts'
import { choose, type Transport } from './transport.ts'

export { procRefused } from './launch.ts'

export interface HelperOptions {
  /** How to talk to it; unix-dgram where it is built, by default. */
  transport?: Transport | undefined
  /** Milliseconds that a call to the helper may take; 30,000 by default. */
  deadline?: number | undefined
}

/** Node's start, tsx's where it runs from the sources, on a loaded machine. */
const startMs = 30_000
/** How long it may take to end by itself. */
const endMs = 2_000

export class HelperHost implements NamespaceHost {
  readonly #entrance: Entrance
  readonly #token = randomBytes(16).toString('hex')
  readonly #rpc: Rpc
  readonly #handles = new Set<HelperHandle>()
  readonly #ended: Promise<void>
  readonly #library: UnixDatagram | undefined
  #folder: string | undefined
  #channel: Channel | undefined
  #launched: Launched | undefined
  #pidfd: Descriptor | undefined
  #namespaces: Descriptor | undefined
  #hello: (hello: Hello) => void = () => undefined
  #refuse: (error: NetlinkError) => void = () => undefined
  #end: () => void = () => undefined
  #closing = false
  /** How it talks. */
  readonly transport: Transport

  /** Starts a helper and waits until it is ready. Rejects with NetlinkError: why it cannot be, and what to do. */
  static async start(entrance: Entrance, options: HelperOptions = {}): Promise<HelperHost> {
    const host = new HelperHost(entrance, options)
    try {
      await host.#start()
      return host
    } catch (error) {
      await host.close()
      throw error
    }
  }

  private constructor(entrance: Entrance, { transport, deadline = 30_000 }: HelperOptions) {
    this.#entrance = entrance
    this.#ended = new Promise((resolve) => {
      this.#end = resolve
    })
    this.#rpc = new Rpc({
      token: this.#token,
      deadlineMs: deadline,
      send: (message) => this.#channel?.send(message),
      awaiting: (yes) => this.#channel?.awaiting(yes),
      hello: (hello) => this.#hello(hello),
      unwanted: (_name, answer) => {
        if ('handle' in answer) void this.#rpc.call('close', { handle: answer.handle }).catch(() => undefined)
        else if ('fd' in answer) void this.#rpc.call('release', { fd: answer.fd }).catch(() => undefined)
      },
    })
    this.#library = choose(entrance, transport)
    this.transport = this.#library ? 'unix-dgram' : 'ipc'
  }

  async #start(): Promise<void> {
    const launched = await launch(this.#entrance, this.transport === 'ipc')
    const { subprocess } = launched
    this.#launched = launched
    const hello = this.#greeting(launched)
    subprocess.once('close', () => this.#lost())
    const receive = (message: string) => this.#rpc.receive(message)
    const library = this.#library
    if (library) {
      const folder = nameFolder()
      this.#folder = folder
      subprocess.stdout?.once('data', () => {
        try {
          this.#channel = new DatagramChannel(library, socketsIn(folder, 'parent'), receive)
        } catch (cause) {
          this.#refuse(failed('EACCES', `no socket can be made in ${folder}`, cause))
        }
      })
    } else this.#channel = new IpcChannel(subprocess, receive)
    const instructions: Instructions = {
      version,
      token: this.#token,
      sockets: this.#folder === undefined ? undefined : socketsIn(this.#folder, 'helper'),
      folder: this.#folder,
      mounts: this.#entrance.kind === 'fresh',
    }
    // EPIPE: it has ended, which its own event tells.
    subprocess.stdin?.on('error', () => undefined)
    subprocess.stdin?.write(`${JSON.stringify(instructions)}\n`)
    const { hello: theirs, fd, inode, capable } = await hello
    if (theirs !== version) throw failed('EPROTO', 'two versions of netlink-ts are mixed')
    if (!capable)
      throw failed(
        'EPERM',
        'the helper has no rights in its user namespace: this user is not root in there, and cannot become root',
      )
    this.#attach(launched, fd, inode)
    this.#unref(launched)
    this.#channel?.awaiting(false)
  }

  #greeting({ subprocess, said }: Launched): Promise<Hello> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(failed('ETIMEDOUT', `the helper was not ready after ${startMs} ms: ${said()}`)),
        startMs,
      )
      const end = () => {
        clearTimeout(timer)
        reject(startFailure(this.#entrance, said()))
      }
      subprocess.once('close', end)
      subprocess.once('error', end)
      this.#hello = (hello) => {
        clearTimeout(timer)
        resolve(hello)
      }
      this.#refuse = (error) => {
        clearTimeout(timer)
        reject(error)
      }
    })
  }

  /** Takes hold of the process, and proves that it is the right one. */
  #attach({ subprocess }: Launched, fd: number, inode: number): void {
    const pid = helperPid(subprocess, this.#entrance)
    if (pid === undefined) throw failed('ECANCELED', 'the helper ended before it was ready')
    this.#pidfd = new Descriptor(adopt(pidfdOpen(pid)), 'the helper')
    this.#namespaces = new Descriptor(
      openSync(`/proc/${pid}/ns`, O_PATH | constants.O_DIRECTORY),
      'the namespaces of the helper',
    )
    const own = adopt(this.fetch(fd))
    const { ino } = fstatSync(own)
    closeSync(own)
    if (ino !== inode) throw failed('EPROTO', `process ${pid} is not the helper`)
  }

  /** From here on only calls keep this process alive. */
  #unref({ subprocess }: Launched): void {
    subprocess.unref()
    for (const stream of [subprocess.stdin, subprocess.stdout, subprocess.stderr])
      if (stream && 'unref' in stream && typeof stream.unref === 'function') stream.unref()
  }

  /** A descriptor of the helper, as one of this process. */
  fetch(fd: number): number {
    if (!this.#pidfd) throw this.#gone(true)
    try {
      return pidfdGetfd(this.#pidfd.fd, fd)
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error
      if (error.code === 'ESRCH' || (error.code === 'EBADF' && this.#pidfd.closed)) throw this.#gone(true)
      const { code, operation } = error
      const causes = code === 'EPERM' || code === 'ENOSYS' ? sentence(fetchCauses(code)) : undefined
      const reason = causes && `descriptors of the helper may not be fetched; known causes: ${causes}`
      throw new NetlinkError({ code, operation, reason, outcome: 'unknown', cause: error })
    }
  }

  async create(name?: string): Promise<NamespaceHandle> {
    if (name !== undefined) checkName('namespace.create', name)
    return this.#handle(await this.#rpc.call('create', { name }))
  }

  async open(given: NamespacePlace): Promise<NamespaceHandle> {
    const place = checkPlace('namespace.open', given)
    const nothing = { name: undefined, path: undefined, pid: undefined, inode: undefined }
    if ('name' in place) return this.#handle(await this.#rpc.call('open', { ...nothing, name: place.name }))
    if ('path' in place) return this.#handle(await this.#rpc.call('open', { ...nothing, path: place.path }))
    if ('pid' in place) {
      const pid = innerPid(place.pid, this.#folderOfNamespaces())
      return this.#handle(await this.#rpc.call('open', { ...nothing, pid }))
    }
    const inode = 'fd' in place ? inodeOf(place.fd) : undefined
    return this.#handle(await this.#rpc.call('open', { ...nothing, inode }))
  }

  async list(): Promise<string[]> {
    const all: string[] = []
    for (;;) {
      const { names, more } = await this.#rpc.call('list', { after: all.at(-1) })
      all.push(...names)
      if (!more) return all
    }
  }

  async delete(name: string, inode?: number): Promise<void> {
    checkName('namespace.delete', name)
    await this.#rpc.call('delete', { name, inode })
  }

  /**
   * Ends the helper, and with a fresh one its namespaces and all that runs in there. First everything that was opened through it here is
   * closed: it would keep the namespaces alive.
   */
  async close(): Promise<void> {
    this.#closing = true
    await this.#release()
    const launched = this.#launched
    if (launched && !gone(launched)) {
      launched.subprocess.ref()
      launched.subprocess.stdin?.end()
      const timer = setTimeout(() => launched.subprocess.kill('SIGKILL'), endMs)
      await this.#ended
      clearTimeout(timer)
    } else await this.#lost()
  }

  #folderOfNamespaces(): string {
    if (!this.#namespaces) throw this.#gone(false)
    return `/proc/self/fd/${this.#namespaces.fd}`
  }

  async #handle(opened: Opened): Promise<HelperHandle> {
    const namespaces = this.#namespaces
    if (!namespaces) throw this.#gone(true)
    let fd: number
    try {
      fd = adopt(this.fetch(opened.fd))
    } catch (error) {
      await this.#rpc.call('close', { handle: opened.handle }).catch(() => undefined)
      throw error
    }
    const handle = new HelperHandle(opened, fd, {
      rpc: this.#rpc,
      fetch: (number) => this.fetch(number),
      forget: (closed) => this.#handles.delete(closed),
      surroundings: surroundings(namespaces, this.#entrance),
    })
    this.#handles.add(handle)
    return handle
  }

  /** What was opened through it is of no use any more. */
  async #release(): Promise<void> {
    this.#rpc.lose((sent) => this.#gone(sent))
    const handles = [...this.#handles]
    this.#handles.clear()
    await Promise.all(handles.map((handle) => handle.lose()))
  }

  /** The process has ended. */
  async #lost(): Promise<void> {
    this.#channel?.close()
    this.#pidfd?.close()
    this.#namespaces?.close()
    if (this.#folder !== undefined) removeFolder(this.#folder)
    this.#folder = undefined
    await this.#release()
    this.#end()
  }

  #gone(sent: boolean): NetlinkError {
    const said = this.#launched?.said() ?? ''
    const { signalCode = null, exitCode = null } = this.#launched?.subprocess ?? {}
    const how = signalCode ? `killed by ${signalCode}` : exitCode === null ? '' : `exit status ${exitCode}`
    const why = [how, said].filter((text) => text !== '').join('; ')
    const ended = this.#closing ? 'the sandbox was closed' : `the helper process ended${why === '' ? '' : ` (${why})`}`
    const code = this.#closing ? 'ERR_CLOSED' : 'ECANCELED'
    return new NetlinkError({ code, operation: 'helper', reason: ended, outcome: sent ? 'unknown' : 'unsent' })
  }
}

function gone({ subprocess }: Launched): boolean {
  return subprocess.pid === undefined || subprocess.exitCode !== null || subprocess.signalCode !== null
}

function failed(code: string, reason: string, cause?: unknown): NetlinkError {
  return new NetlinkError({ code, operation, reason, outcome: 'refused', cause })
}
