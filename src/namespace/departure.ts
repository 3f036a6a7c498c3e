/**
 * Seeing a namespace go. The kernel takes its devices down after the last user went, in a work queue (cleanup_net(),
 * net/core/net_namespace.c), some milliseconds later; until then the other ends of its pairs still stand in other namespaces, with
 * their names. So whoever deletes a namespace and makes it again meets them, unless he waits for these ends to go.
 */
import { closeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { RTM_GETLINK, RTM_GETNSID } from '../../protocol/route/operations.ts'
import { adopt, copy } from '../adopt.ts'
import { addressFamily, netlinkProtocol, socketType } from '../constants.ts'
import { Descriptor } from '../descriptor.ts'
import { withoutStats } from '../device.ts'
import { errnoName, NetlinkError } from '../error.ts'
import { ifname } from '../ifname.ts'
import { socket } from '../libc.ts'
import { Netlink } from '../netlink.ts'
import { isInhabited } from './pids.ts'
import { homeNamespace } from './stretch.ts'

/** What is needed of a Namespace. */
interface Place {
  readonly name: string | undefined
  readonly closed: boolean
  readonly inode: number
  readonly descriptor: Descriptor
  openSocket(domain: number, type: number, protocol: number): Promise<number>
}

/** Kinds whose two ends live and die together: `link` is the other end. */
const pairs: ReadonlySet<unknown> = new Set(['veth', 'netkit', 'vxcan'])

/** The namespaces that this process has open: where the ends can be that it may look at. */
const opened = new Set<Place>()

/** An end of a pair: a device of another namespace that goes with one of the namespace's. */
interface End {
  /** A socket in there; ioctl(2) asks for it by index. */
  socket: number
  index: number
}

const poll = { firstMs: 1, mostMs: 10 }
/** When nothing has gone by then, it is worth looking whether a process is inside. */
const suspiciousMs = 100

/** The ends that stand in other namespaces, noted before the namespace goes. */
export class Departure {
  readonly #subject: string | undefined
  readonly #sockets: readonly number[]
  readonly #inode: number
  #ends: readonly End[]

  private constructor(subject: string | undefined, ends: readonly End[], sockets: readonly number[], inode: number) {
    this.#subject = subject
    this.#ends = ends
    this.#sockets = sockets
    this.#inode = inode
  }

  static opened(place: Place): void {
    opened.add(place)
  }

  static closed(place: Place): void {
    opened.delete(place)
  }

  /**
   * Notes the ends. Undefined where there is nothing to wait for: no pair that leads out, another object of this process that
   * holds the namespace as well, or one that may not be looked into.
   */
  static async of(place: Place): Promise<Departure | undefined> {
    const others = [...opened].filter((other) => other !== place && !other.closed)
    const { inode } = place
    if (others.some((other) => other.inode === inode)) return undefined
    const sockets: number[] = []
    try {
      const ends = await endsOf(place, others, sockets)
      if (ends.length > 0) return new Departure(place.name, ends, sockets, inode)
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error
      // Not allowed to look inside: deleting goes on without waiting.
    }
    for (const fd of sockets) closeSync(fd)
    return undefined
  }

  /** Resolves when the ends are gone, or when a process inside keeps the namespace alive. */
  async wait(timeoutMs: number): Promise<void> {
    const start = performance.now()
    let looked = false
    for (let pause = poll.firstMs; ; pause = Math.min(pause * 2, poll.mostMs)) {
      this.#ends = this.#ends.filter(isThere)
      if (this.#ends.length === 0) return
      const elapsed = performance.now() - start
      if (!looked && elapsed > Math.min(suspiciousMs, timeoutMs)) {
        looked = true
        if (await isInhabited(this.#inode)) return
      }
      if (elapsed > timeoutMs) throw this.#timedOut(timeoutMs)
      await delay(pause)
    }
  }

  close(): void {
    for (const fd of this.#sockets) closeSync(fd)
  }

  #timedOut(timeoutMs: number): NetlinkError {
    return new NetlinkError({
      code: 'ETIMEDOUT',
      operation: 'namespace.delete',
      subject: this.#subject,
      reason: `its devices are still there after ${timeoutMs} ms: a socket or descriptor elsewhere holds the namespace`,
      outcome: 'unknown',
    })
  }
}

async function endsOf(place: Place, others: readonly Place[], sockets: number[]): Promise<End[]> {
  const inside = await Netlink.open({ namespace: place })
  try {
    const leading = new Map<number, number[]>()
    for (const { linkinfo, link, linkNetnsid } of await inside.dump(RTM_GETLINK, { extMask: withoutStats })) {
      if (!pairs.has(linkinfo?.kind) || link === undefined || linkNetnsid === undefined || linkNetnsid < 0) continue
      const known = leading.get(linkNetnsid)
      if (known) known.push(link)
      else leading.set(linkNetnsid, [link])
    }
    if (leading.size === 0) return []
    const ends: End[] = []
    for (const { descriptor, open } of [home(), ...others.map(placed)]) {
      const id = (await idOf(inside, descriptor)) ?? -1
      const indexes = leading.get(id)
      if (!indexes) continue
      leading.delete(id)
      const fd = await open()
      sockets.push(fd)
      ends.push(...indexes.map((index) => ({ socket: fd, index })))
      // Ids are unique, one namespace for each: with all found, the others need not be asked. Most ends are at home, and deleting
      // 100 namespaces at once asked 10,000 questions.
      if (leading.size === 0) break
    }
    return ends
  } finally {
    await inside.close()
  }
}

const { AF_NETLINK } = addressFamily
const asking = [AF_NETLINK, socketType.SOCK_RAW | socketType.SOCK_CLOEXEC, netlinkProtocol.NETLINK_ROUTE] as const

function placed(place: Place): { descriptor: Descriptor; open: () => Promise<number> } {
  return { descriptor: place.descriptor, open: () => place.openSocket(...asking) }
}

function home(): ReturnType<typeof placed> {
  return { descriptor: homeDescriptor(), open: async () => adopt(socket(...asking)) }
}

let ownDescriptor: Descriptor | undefined
function homeDescriptor(): Descriptor {
  ownDescriptor ??= new Descriptor(copy(homeNamespace()), 'the home namespace')
  return ownDescriptor
}

/** The id by which the namespace of `inside` knows another; undefined if it has none or that one was closed meanwhile. */
async function idOf(inside: Netlink, descriptor: Descriptor): Promise<number | undefined> {
  if (descriptor.closed) return undefined
  const [reply] = await inside.request(RTM_GETNSID, { fd: descriptor.fd }, { keepAlive: [descriptor] })
  return reply?.nsid
}

function isThere({ socket, index }: End): boolean {
  const name = ifname(socket, index)
  if (typeof name === 'string') return true
  const code = errnoName(-name)
  if (code === 'ENODEV') return false
  throw new NetlinkError({
    code,
    operation: 'namespace.delete',
    subject: `ifindex ${index}`,
    reason: 'SIOCGIFNAME',
    outcome: 'unknown',
  })
}
