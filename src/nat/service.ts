/** `nl.nat`: source and destination NAT in the words of people who set up routers and containers, on top of `nl.nft`. */
import type { CallControl } from '../client.ts'
import type { Netlink } from '../netlink.ts'
import type { Forwarding, ForwardingOptions } from './forwarding.ts'
import type { NatHandle } from './handle.ts'
import type { ForwardOptions, MasqueradeOptions, NatPlace, NatRule, RedirectOptions, SnatOptions } from './rule.ts'

/** On first use: with the compiler of rules behind it, it weighs more than all the rest. */
const engine = (): Promise<typeof import('./engine.ts')> => import('./engine.ts')

/**
 * NAT rules, in a table of their own (`table inet netlink-ts`): those of others are never touched. The same call twice makes one rule. Routers need
 * forwarding() too.
 */
export class NatService {
  readonly #netlink: Netlink

  constructor(netlink: Netlink) {
    this.#netlink = netlink
  }

  /**
   * Gives packets that leave the address of the device they leave by: `iptables -t nat -A POSTROUTING -s 192.168.1.0/24 ! -o br0 -j MASQUERADE`.
   *
   * @throws NetlinkError 'EINVAL' with `path`; 'EEXIST': there is another rule of the name; 'EPERM'.
   * @example
   * await nl.nat.forwarding()
   * await nl.nat.masquerade({ source: '192.168.1.0/24', outNot: 'br0' })
   */
  async masquerade(options: MasqueradeOptions, control: CallControl = {}): Promise<NatHandle> {
    return (await engine()).masquerade(this.#netlink, options, control)
  }

  /**
   * Gives packets that leave a fixed address: `iptables -t nat -A POSTROUTING -s 192.168.1.0/24 -o eth0 -j SNAT --to-source 192.0.2.1`.
   *
   * @throws NetlinkError as masquerade()
   * @example await nl.nat.snat({ source: '192.168.1.0/24', out: 'eth0', to: '192.0.2.1' })
   */
  async snat(options: SnatOptions, control: CallControl = {}): Promise<NatHandle> {
    return (await engine()).snat(this.#netlink, options, control)
  }

  /**
   * Publishes a port of another host or namespace as one of this host: `iptables -t nat -A PREROUTING -d HOST -p tcp --dport 5000 -j DNAT
   * --to-destination 192.168.1.10:5000`. It answers to those outside, to this host itself, and to the target's own neighbours.
   *
   * @throws NetlinkError as masquerade(); 'ENETUNREACH' (path 'localhost'): no route to the target says which device is meant.
   * @example await nl.nat.forward({ protocol: 'tcp', on: '192.0.2.1', port: 5000, to: '192.168.1.10:5000' })
   */
  async forward(options: ForwardOptions, control: CallControl = {}): Promise<NatHandle> {
    return (await engine()).forward(this.#netlink, options, control)
  }

  /**
   * Has this host answer what is sent to others: `iptables -t nat -A PREROUTING -i br0 -p tcp --dport 80 -j REDIRECT --to-ports 3128`.
   *
   * @throws NetlinkError as masquerade()
   * @example await nl.nat.redirect({ protocol: 'tcp', in: 'br0', port: 80, to: 3128 })
   */
  async redirect(options: RedirectOptions, control: CallControl = {}): Promise<NatHandle> {
    return (await engine()).redirect(this.#netlink, options, control)
  }

  /**
   * Removes a rule by its name, and the table with the last one. (Sysctls that were set for it stay: what its maker holds puts them back.)
   *
   * @throws NetlinkError 'ENOENT': there is none.
   */
  async remove(name: string, options: NatPlace & CallControl = {}): Promise<void> {
    return (await engine()).remove(this.#netlink, name, options)
  }

  /** The rules, whoever made them by nl.nat, in their order. All rules of all programs are in `nl.nft.list()`. */
  async list(options: NatPlace & CallControl = {}): Promise<NatRule[]> {
    return (await engine()).list(this.#netlink, options)
  }

  /**
   * Makes the namespace a router: `sysctl -w net.ipv4.ip_forward=1`, for 'ip6' `net.ipv6.conf.all.forwarding=1`. What is returned puts it back.
   *
   * Where it is a router already this takes no rights.
   *
   * @throws NetlinkError 'EACCES', 'EPERM': it is not, and this process is not root there; 'EROFS': /proc/sys is mounted read-only, as in containers.
   * @example await using forwarding = await nl.nat.forwarding()      // off again at the end, if it was off
   */
  async forwarding(options: ForwardingOptions = {}): Promise<Forwarding> {
    return (await engine()).forwarding(this.#netlink, options)
  }
}
