/** The helper's side of the calls: a NamespaceHost, served. */
import { closeSync, fstatSync } from 'node:fs'
import { NetlinkError } from '../error.ts'
import type { NamespaceHandle, NamespaceHost, NamespacePlace } from '../namespace/host.ts'
import {
  type Answer,
  type Ask,
  type CallName,
  calls,
  type Failure,
  isCall,
  limits,
  type Opened,
  type Reply,
  readRequest,
  write,
} from './protocol.ts'

/** Of names in one answer, in bytes of JSON: the rest of the message is small. */
const listBudget = limits.message - 2_000

export class Server {
  readonly #host: NamespaceHost
  readonly #token: string
  readonly #send: (message: string) => void
  readonly #handles = new Map<number, NamespaceHandle>()
  /** Opened for the parent, which has not yet fetched them. */
  readonly #lent = new Set<number>()
  #lastHandle = 0
  #inFlight = 0

  constructor(host: NamespaceHost, token: string, send: (message: string) => void) {
    this.#host = host
    this.#token = token
    this.#send = send
  }

  /** A message from the channel. What is not the parent's is dropped. */
  receive(message: string): void {
    const request = readRequest(this.#token, message)
    if (request) void this.#reply(request.id, request.call, request.ask)
  }

  async #reply(id: number, call: string, ask: unknown): Promise<void> {
    let reply: Reply
    this.#inFlight += 1
    try {
      if (this.#inFlight > limits.inFlight) throw refused('EAGAIN', call, `more than ${limits.inFlight} calls at once`)
      if (!isCall(call)) throw refused('ENOSYS', call, 'there is no such call')
      if (!calls[call].ask(ask)) throw refused('EINVAL', call, 'its arguments are not those of the call')
      reply = { id, answer: await this.#answer(call, ask) }
    } catch (error) {
      reply = { id, error: failureOf(error, call) }
    } finally {
      this.#inFlight -= 1
    }
    this.#send(write(this.#token, reply))
  }

  #answer<C extends CallName>(call: C, ask: Ask<C>): Promise<Answer<C>> {
    // The one place where the compiler cannot follow the pairing of `call` and `ask`, which `calls` has checked.
    const method = this.#methods[call] as (ask: Ask<C>) => Promise<Answer<C>>
    return method(ask)
  }

  readonly #methods: { [C in CallName]: (ask: Ask<C>) => Promise<Answer<C>> } = {
    create: async ({ name }) => this.#keep(await this.#host.create(name)),
    open: async ({ name, path, pid, inode }) => {
      const place: NamespacePlace =
        name !== undefined
          ? { name }
          : path !== undefined
            ? { path }
            : pid !== undefined
              ? { pid }
              : inode !== undefined
                ? { fd: this.#known(inode) }
                : { current: true }
      return this.#keep(await this.#host.open(place))
    },
    list: async ({ after }) => {
      const names: string[] = []
      let room = listBudget
      for (const name of await this.#host.list()) {
        if (after !== undefined && name <= after) continue
        room -= Buffer.byteLength(JSON.stringify(name)) + 1
        if (room < 0) return { names, more: true }
        names.push(name)
      }
      return { names, more: false }
    },
    delete: async ({ name, inode }) => {
      await this.#host.delete(name, inode)
      return {}
    },
    socket: async ({ handle, domain, type, protocol }) =>
      this.#lend(await this.#handle(handle).openSocket(domain, type, protocol)),
    file: async ({ handle, path, flags }) => this.#lend(await this.#handle(handle).openFile(path, flags)),
    release: async ({ fd }) => {
      // Never a number that was not lent: it would be any descriptor of this process.
      if (!this.#lent.delete(fd)) throw refused('EBADF', 'release', `descriptor ${fd} was not lent`)
      closeSync(fd)
      return {}
    },
    close: async ({ handle }) => {
      const held = this.#handle(handle)
      this.#handles.delete(handle)
      await held.close()
      return {}
    },
  }

  #keep(held: NamespaceHandle): Opened {
    this.#lastHandle += 1
    this.#handles.set(this.#lastHandle, held)
    return { handle: this.#lastHandle, fd: held.descriptor.fd, name: held.name }
  }

  #lend(fd: number): { fd: number } {
    this.#lent.add(fd)
    return { fd }
  }

  #handle(number: number): NamespaceHandle {
    const held = this.#handles.get(number)
    if (!held) throw refused('EBADF', 'use', `namespace ${number} is not open`)
    return held
  }

  #known(inode: number): number {
    for (const { descriptor } of this.#handles.values())
      if (fstatSync(descriptor.fd).ino === inode) return descriptor.fd
    throw refused(
      'EINVAL',
      'namespace.open',
      'a descriptor can be opened in a sandbox only where the sandbox has the namespace open itself',
    )
  }
}

function refused(code: string, operation: string, reason: string): NetlinkError {
  return new NetlinkError({ code, operation, reason })
}

function failureOf(error: unknown, call: string): Failure {
  const known = error instanceof NetlinkError ? error : refused('EIO', `helper.${call}`, String(error))
  const { code, operation, message, path, outcome } = known
  // Messages may quote what was given: a long one is cut.
  return { code, operation, message: message.slice(0, 4_000), path, outcome }
}
