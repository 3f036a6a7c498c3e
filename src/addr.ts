/** `nl.addr`: IP addresses of devices, as `ip address` has them (RTM_NEWADDR and its like, rtnetlink(7)). */
import { RTM_DELADDR, RTM_GETADDR, RTM_NEWADDR } from '../protocol/route/operations.ts'
import { renameAddress, toMessage } from './addr-message.ts'
import { type Address, type AddressInput, sent, toAddress } from './addr-object.ts'
import type { CallControl, RequestOptions, Turn } from './client.ts'
import { checkDevice, type Device, indexOf, Names } from './device.ts'
import { Dump } from './dump.ts'
import { invalid, NetlinkError } from './error.ts'
import { checkControl, checkObject } from './input.ts'
import type { Netlink } from './netlink.ts'
import { checkFamily, type IpFamily } from './words.ts'

export interface AddressFilter extends CallControl {
  /** Only this device's, filtered by the kernel. */
  dev?: Device | undefined
  family?: IpFamily | undefined
}

export class AddressService {
  readonly #netlink: Netlink

  constructor(netlink: Netlink) {
    this.#netlink = netlink
  }

  /**
   * Adds an address: `ip address add ADDRESS dev DEV`. Returns what was sent.
   *
   * @throws NetlinkError 'EEXIST': the device has it; 'ENODEV'; 'EINVAL' with `path`.
   * @example await nl.addr.add({ dev: 'br0', address: '192.168.1.1/24', broadcast: '+' })
   */
  add(address: AddressInput, control: CallControl = {}): Promise<Address> {
    return this.#send('addr.add', address, ['create', 'excl'], control)
  }

  /** Adds an address, or changes its lifetimes, flags and metric where the device has it: `ip address replace`. */
  replace(address: AddressInput, control: CallControl = {}): Promise<Address> {
    return this.#send('addr.replace', address, ['create', 'replace'], control)
  }

  /**
   * Removes an address: `ip address del ADDRESS dev DEV`.
   *
   * @throws NetlinkError 'EADDRNOTAVAIL': the device does not have it.
   */
  async del(
    address: Pick<AddressInput, 'dev' | 'address' | 'peer' | 'label'>,
    control: CallControl = {},
  ): Promise<void> {
    const operation = 'addr.del'
    checkControl(operation, control)
    checkObject(operation, 'address', address)
    const message = toMessage(
      { dev: address.dev, address: address.address, peer: address.peer, label: address.label },
      operation,
    )
    await this.#inOrder(operation, address, control, (index, turn) =>
      turn.send(RTM_DELADDR, { ...message, header: { ...message.header, index } }, options(address)),
    )
  }

  /** All addresses, or those that match: `ip address show`. Await it as an array, or loop over it with `for await`. */
  list(filter: AddressFilter = {}): Dump<Address> {
    return Dump.of(() => this.#list(filter))
  }

  #list(filter: AddressFilter): Dump<Address> {
    const operation = 'addr.list'
    checkControl(operation, filter)
    const { dev, family, ...control } = filter
    if (family !== undefined) checkFamily(operation, 'family', family)
    if (dev !== undefined) checkDevice(operation, 'dev', dev)
    const ask: Turn['ask'] = (...args) => this.#netlink.request(...args)
    const names = new Names(ask, this.#netlink.ifname)
    return this.#netlink.list({
      operation: RTM_GETADDR,
      request: async () => ({
        header: {
          ...(family !== undefined && { family }),
          ...(dev !== undefined && { index: await indexOf(ask, operation, 'dev', dev) }),
        },
      }),
      object: toAddress,
      complete: async (addresses) => {
        for (const address of addresses) address.dev = (await names.of(address.index)) ?? address.index
      },
      absent: ['ENODEV'],
      ...control,
    })
  }

  /** Removes all addresses that match, and returns them: `ip address flush`. Throws 'EINVAL' for a filter that matches everything. */
  async flush(filter: AddressFilter): Promise<Address[]> {
    checkControl('addr.flush', filter)
    const { dev, family, ...control } = filter
    if (dev === undefined && family === undefined) throw invalid('addr.flush', 'dev', 'is missing (or give a family)')
    const found = await this.list({ dev, family, ...control })
    for (const { index, ...address } of found) {
      try {
        await this.del({ ...address, dev: index }, control)
      } catch (error) {
        // A secondary address goes with its primary one (inet_del_ifa, net/ipv4/devinet.c).
        if (!(error instanceof NetlinkError) || error.code !== 'EADDRNOTAVAIL') throw error
      }
    }
    return found
  }

  async #send(operation: string, address: AddressInput, flags: string[], control: CallControl): Promise<Address> {
    checkControl(operation, control)
    checkObject(operation, 'address', address)
    const message = toMessage(address, operation)
    const index = await this.#inOrder(operation, address, control, async (index, turn) => {
      await turn.send(RTM_NEWADDR, { ...message, header: { ...message.header, index } }, { ...options(address), flags })
      return index
    })
    return sent(address, message, index)
  }

  /** Looks the device up in the order of calls. */
  async #inOrder<T>(
    operation: string,
    { dev, address }: Pick<AddressInput, 'dev' | 'address'>,
    control: CallControl,
    send: (index: number, turn: Turn) => Promise<T>,
  ): Promise<T> {
    checkDevice(operation, 'dev', dev)
    const task = async (turn: Turn): Promise<T> => send(await indexOf(turn.ask, operation, 'dev', dev), turn)
    return this.#netlink.turn({ operation, subject: address, names: false, ...control }, task)
  }
}

function options({ address, dev }: Pick<AddressInput, 'dev' | 'address'>): RequestOptions {
  return { subject: `${address} dev ${dev}`, rename: renameAddress }
}
