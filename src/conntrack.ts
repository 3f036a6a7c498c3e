/** `nl.conntrack`: the connection tracking table, as `conntrack` has it (IPCTNL_MSG_CT_NEW and its like). */
import {
  IPCTNL_MSG_CT_DELETE,
  IPCTNL_MSG_CT_GET,
  IPCTNL_MSG_CT_GET_CTRZERO,
  IPCTNL_MSG_CT_GET_STATS,
  IPCTNL_MSG_CT_GET_STATS_CPU,
  IPCTNL_MSG_CT_NEW,
} from '../protocol/netfilter/conntrack/operations.ts'
import type { StatsMessage } from '../protocol/netfilter/conntrack/stats.ts'
import type { CallControl, SendOptions } from './client.ts'
import { type ConntrackFilter, ConntrackMatcher } from './conntrack-filter.ts'
import { fromChange, fromConntrack, fromTarget, renameConntrack } from './conntrack-message.ts'
import {
  type Conntrack,
  type ConntrackChange,
  type ConntrackInput,
  type ConntrackTarget,
  toConntrack,
} from './conntrack-object.ts'
import { checkProtocol } from './conntrack-tuple.ts'
import { Dump } from './dump.ts'
import { invalid, NetlinkError } from './error.ts'
import { checkBoolean, checkControl, checkObject } from './input.ts'
import type { Netlink } from './netlink.ts'

export interface ConntrackListOptions extends ConntrackFilter, CallControl {
  /** Sets the counters of what is listed to zero: `conntrack -L -z`. */
  zero?: boolean | undefined
}

/** What one CPU counted since the namespace began: `conntrack -S`. */
export interface ConntrackStats extends Omit<StatsMessage, 'header' | 'unknown' | 'tail' | 'raw'> {
  cpu: number
}

/** How many deletions are in flight at once. */
const SLICE = 1024

/**
 * A namespace's connections are tracked as soon as a rule of it asks for them (`ct state`, NAT). What add() puts there stays until its timeout in
 * any case. Counters are kept with the sysctl net.netfilter.nf_conntrack_acct, timestamps with nf_conntrack_timestamp.
 */
export class ConntrackService {
  readonly #netlink: Netlink

  constructor(netlink: Netlink) {
    this.#netlink = netlink
  }

  /**
   * The entries, or those that match: `conntrack -L`, both families. Await it as an array, or loop over it with `for await`: the table may be large.
   *
   * @throws NetlinkError 'EINVAL' with `path`; 'EPERM'.
   * @example for await (const { orig, state } of nl.conntrack.list({ protocol: 'tcp', orig: { dport: 22 } })) console.log(orig.src, state)
   * @example const unreplied = await nl.conntrack.list({ status: [], statusMask: ['seen_reply'] })
   */
  list(options: ConntrackListOptions = {}): Dump<Conntrack> {
    return Dump.of(() => this.#list(options))
  }

  #list(options: ConntrackListOptions): Dump<Conntrack> {
    const operation = 'conntrack.list'
    checkControl(operation, options)
    const { zero = false, signal, deadline, ...filter } = options
    checkBoolean(operation, 'zero', zero)
    const matcher = new ConntrackMatcher(filter, operation)
    // The kernel must not show, and reset, what is left out here.
    if (zero && matcher.comparedHere !== undefined)
      throw invalid(
        operation,
        matcher.comparedHere,
        'is not compared by the kernel, which would set the counters of all others to zero too',
      )
    const dumps = matcher.requests().map((request) =>
      this.#netlink.list({
        operation: zero ? IPCTNL_MSG_CT_GET_CTRZERO : IPCTNL_MSG_CT_GET,
        request: () => request,
        object: (message) => {
          const entry = toConntrack(message)
          return entry !== undefined && matcher.matches(entry) ? entry : undefined
        },
        signal,
        deadline,
      }),
    )
    return Dump.joined(dumps)
  }

  /** How many entries the table of this namespace has: `conntrack -C`. */
  async count(control: CallControl = {}): Promise<number> {
    checkControl('conntrack.count', control)
    const [stats] = await this.#netlink.request(IPCTNL_MSG_CT_GET_STATS, {}, control)
    return stats?.entries ?? 0
  }

  /**
   * The entry of a connection, named by either direction: `conntrack -G -p tcp -s ... -d ... --sport ... --dport ...`.
   *
   * @throws NetlinkError 'ENOENT': there is none.
   * @example const { state, mark } = await nl.conntrack.get({ protocol: 'tcp', orig: { src: '10.0.0.2', dst: '192.0.2.1', sport: 4000, dport: 80 } })
   */
  async get(target: ConntrackTarget, control: CallControl = {}): Promise<Conntrack> {
    const operation = 'conntrack.get'
    checkControl(operation, control)
    const asked = fromTarget(target, operation)
    const options = sending(target, control)
    const [message] = await this.#netlink.request(IPCTNL_MSG_CT_GET, asked, options)
    const entry = message && toConntrack(message)
    if (entry !== undefined && (target.id === undefined || target.id === entry.id)) return entry
    throw new NetlinkError({
      code: 'ENOENT',
      operation,
      subject: options.subject,
      path: 'id',
      reason: 'is another connection now',
    })
  }

  /**
   * Adds an entry: `conntrack -I`. Without `reply` it is that of a connection which is not translated, or as `nat` says. Of a TCP connection give
   * its `state`.
   *
   * @throws NetlinkError 'EEXIST': there is one; 'EINVAL' with `path`; 'EOPNOTSUPP': no such helper.
   * @example await nl.conntrack.add({ protocol: 'udp', orig: { src: '10.0.0.2', dst: '192.0.2.1', sport: 4000, dport: 53 }, timeout: 60,
   *   nat: { src: { address: '203.0.113.1' } } })
   */
  async add(entry: ConntrackInput, control: CallControl = {}): Promise<void> {
    checkControl('conntrack.add', control)
    const message = fromConntrack(entry, 'conntrack.add')
    await this.#netlink.command(IPCTNL_MSG_CT_NEW, message, { ...sending(entry, control), flags: ['create', 'excl'] })
  }

  /**
   * Changes an entry: `conntrack -U`. NAT and addresses cannot be changed.
   *
   * @throws NetlinkError 'ENOENT': there is none; 'EBUSY': it has another helper; 'ENOSPC': no rule uses labels; 'EINVAL' with `path`.
   * @example await nl.conntrack.update(entry, { mark: 0x10, markMask: 0xf0 })
   */
  async update(target: ConntrackTarget, change: ConntrackChange, control: CallControl = {}): Promise<void> {
    const operation = 'conntrack.update'
    checkControl(operation, control)
    checkObject(operation, 'change', change)
    const named = fromTarget(target, operation)
    const protocol = checkProtocol(operation, 'protocol', target.protocol)
    const message = { ...named, ...fromChange(change, protocol, operation, false) }
    // The kernel takes the status as a whole, and refuses one that lacks what is set.
    if (change.status !== undefined)
      message.status = [...new Set([...(await this.get(target, control)).status, ...change.status])]
    await this.#netlink.command(IPCTNL_MSG_CT_NEW, message, sending(target, control))
  }

  /**
   * Removes an entry: `conntrack -D`. One that list() gave is removed only as long as it is the same connection (`id`).
   *
   * @throws NetlinkError 'ENOENT': there is none.
   */
  async del(target: ConntrackTarget, control: CallControl = {}): Promise<void> {
    const operation = 'conntrack.del'
    checkControl(operation, control)
    const message = { ...fromTarget(target, operation), id: target.id }
    await this.#netlink.command(IPCTNL_MSG_CT_DELETE, message, sending(target, control))
  }

  /**
   * Removes all entries: `conntrack -F`, or those that match: `conntrack -D -p ... -s ...`. With a filter they are listed and removed one by one, which every kernel does
   * alike: an older one takes a filter that it does not know for none.
   *
   * @returns with a filter, how many were removed.
   * @example const removed = await nl.conntrack.flush({ orig: { src: '10.0.0.2' } })
   */
  async flush(options: ConntrackFilter & CallControl = {}): Promise<number | undefined> {
    // What is no filter must not be taken for none, which removes all.
    checkControl('conntrack.flush', options)
    const { signal, deadline, ...filter } = options
    const control = { signal, deadline }
    if (Object.values(filter).every((value) => value === undefined)) {
      await this.#netlink.command(IPCTNL_MSG_CT_DELETE, {}, control)
      return undefined
    }
    new ConntrackMatcher(filter, 'conntrack.flush')
    let removed = 0
    // Listed whole before anything goes: a dump goes on behind the last entry it showed.
    const entries = await this.list({ ...filter, ...control })
    for (let i = 0; i < entries.length; i += SLICE) {
      const results = await Promise.allSettled(entries.slice(i, i + SLICE).map((entry) => this.del(entry, control)))
      for (const result of results) {
        if (result.status === 'fulfilled') removed += 1
        // Ended by itself meanwhile.
        else if (!(result.reason instanceof NetlinkError && result.reason.code === 'ENOENT')) throw result.reason
      }
    }
    return removed
  }

  /** What each CPU counted: `conntrack -S`. */
  stats(control: CallControl = {}): Dump<ConntrackStats> {
    return Dump.of(() => {
      checkControl('conntrack.stats', control)
      return this.#netlink.list({
        operation: IPCTNL_MSG_CT_GET_STATS_CPU,
        request: () => ({}),
        object: ({ header, unknown: _u, tail: _t, raw: _r, ...counted }): ConntrackStats => ({
          cpu: header.resId,
          ...counted,
        }),
        ...control,
      })
    })
  }
}

function sending(
  { protocol, orig, reply }: Pick<ConntrackTarget, 'protocol' | 'orig' | 'reply'>,
  control: CallControl,
): SendOptions {
  const tuple = orig ?? reply
  const subject = tuple && `${protocol} ${tuple.src} -> ${tuple.dst}`
  return { ...control, subject, rename: renameConntrack, names: false }
}
