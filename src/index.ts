/** `netlink-ts`: configures and watches Linux networking over netlink. */

export type { Address, AddressFilter, AddressInput, Lifetime } from './addr.ts'
export type { CallControl, RequestOptions } from './client.ts'
export type { Batch, BatchOptions, Command, CommandResult, CommandResults, Recorded } from './commands.ts'
export type { ConntrackListOptions, ConntrackStats } from './conntrack.ts'
export type { ConntrackFilter, ConntrackTupleFilter } from './conntrack-filter.ts'
export type {
  Conntrack,
  ConntrackChange,
  ConntrackFlow,
  ConntrackInput,
  ConntrackNat,
  ConntrackState,
  ConntrackStatus,
  ConntrackTarget,
} from './conntrack-object.ts'
export type { ConntrackProtocol, ConntrackTuple } from './conntrack-tuple.ts'
export type { Device } from './device.ts'
export { Dump, DumpInterruptedError, type DumpOptions } from './dump.ts'
export { NetlinkError, type Outcome } from './error.ts'
export type {
  AnyEvent,
  EventOf,
  NetfilterEvent,
  NetfilterMessages,
  NetlinkEvent,
  Overrun,
  RouteEvent,
  RouteMessages,
} from './events.ts'
export type { LinkFilter } from './link.ts'
export type { Link, LinkChange, LinkInput, NamespaceTarget, VethPeer } from './link-object.ts'
export type { ExecOptions } from './namespace/exec.ts'
export type { NamespaceHandle, NamespaceHost, NamespacePlace } from './namespace/host.ts'
export type { NamespaceDetails, NamespaceId } from './namespace/names.ts'
export type { DeleteOptions, HostOptions, IdOptions } from './namespace/namespace.ts'
export { Namespace } from './namespace/namespace.ts'
export { Sandbox, type SandboxOptions } from './namespace/sandbox.ts'
export type { ConnectOptions, ListenOptions, UdpOptions } from './namespace/sockets.ts'
export type { NamespaceEvent, NamespaceWatch } from './namespace/watch.ts'
export type { Forwarding, ForwardingOptions } from './nat/forwarding.ts'
export type { NatHandle } from './nat/handle.ts'
export type {
  ForwardOptions,
  MasqueradeOptions,
  NatFamily,
  NatPlace,
  NatProtocol,
  NatRule,
  NatSources,
  RedirectOptions,
  SnatOptions,
} from './nat/rule.ts'
export { Netlink, type NetlinkOptions } from './netlink.ts'
export type { RouteFilter, RouteQuery } from './route.ts'
export type { Nexthop, Route, RouteInput } from './route-object.ts'
export type { GroupOf, SubscribeOptions } from './subscribe-options.ts'
export type { Subscribing, Subscription } from './subscription.ts'
export type { TraceEvent } from './trace.ts'
export { Tun, type TunOpenOptions, type TunOptions, type TunPlace } from './tun.ts'
export type { IpFamily, Scope } from './words.ts'
