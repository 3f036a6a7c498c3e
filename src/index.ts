/** `netlink-ts`: configures and watches Linux networking over netlink. */

export type { AddressFilter } from './addr.ts'
export type { Address, AddressInput, Lifetime } from './addr-object.ts'
export type { CallControl, RequestOptions } from './client.ts'
export type { Batch, BatchOptions, Command, CommandResult, CommandResults, Recorded } from './commands.ts'
export type { ConntrackListOptions, ConntrackStats } from './conntrack.ts'
export type { ConntrackFilter, ConntrackTupleFilter } from './conntrack-filter.ts'
export type {
  Conntrack,
  ConntrackChange,
  ConntrackDccp,
  ConntrackFlow,
  ConntrackInput,
  ConntrackNat,
  ConntrackSctp,
  ConntrackState,
  ConntrackStatus,
  ConntrackTarget,
  ConntrackTcp,
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
export { Namespace } from './namespace/namespace.ts'
export type { DeleteOptions, HostOptions, IdOptions } from './namespace/options.ts'
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
export { Netlink } from './netlink.ts'
export type { NetlinkOptions } from './netlink-options.ts'
export type { Expr as NftExpr, NftFamily, Statement as NftStatement } from './nft/ast.ts'
export { type NftCommandError, NftError } from './nft/errors.ts'
export type { NftChainType, NftHook, NftPriority, NftPriorityName } from './nft/hooks.ts'
export type { NftRule } from './nft/listing/listed-rule.ts'
export type { NftFilter, NftObjectFilter, NftRuleFilter } from './nft/listing/listing.ts'
export type { Ruleset } from './nft/listing/ruleset.ts'
export type { NftNamedRef } from './nft/names.ts'
export type {
  NftChain,
  NftChainFlag,
  NftChainInput,
  NftChainPolicy,
  NftCounters,
} from './nft/objects/chain-object.ts'
export type { NftFlowtable, NftFlowtableFlag, NftFlowtableInput } from './nft/objects/flowtable-object.ts'
export type { NftRuleFields, NftRuleInput, NftRuleRef } from './nft/objects/rule-object.ts'
export type {
  NftElementsInput,
  NftSet,
  NftSetFlag,
  NftSetInput,
  NftSetPlace,
  NftSetType,
  NftSetWithElements,
} from './nft/objects/set-object.ts'
export type {
  NftCounterObject,
  NftCtExpectationObject,
  NftCtHelperObject,
  NftCtTimeoutObject,
  NftLimitObject,
  NftObject,
  NftObjectInput,
  NftObjectRef,
  NftQuotaObject,
  NftSecmarkObject,
  NftSynproxyObject,
} from './nft/objects/stateful-object.ts'
export type { NftTable, NftTableFlag, NftTableInput, NftTableRef } from './nft/objects/table-object.ts'
export type { ElementJson as NftElement, NftJson, NftObjectKind } from './nft/ruleset-json.ts'
export type { NftService, NftUpdateOptions } from './nft/service.ts'
export type { NftAdded } from './nft/services.ts'
export type { NftBatch } from './nft/transaction/batch.ts'
export type { NftCommand } from './nft/transaction/command.ts'
export type { NftBatchOptions } from './nft/transaction/run.ts'
export type { RouteFilter, RouteQuery } from './route.ts'
export type { Nexthop, Route, RouteInput } from './route-object.ts'
export type { GroupOf, SubscribeOptions } from './subscribe-options.ts'
export type { Subscribing, Subscription } from './subscription.ts'
export type { TraceEvent } from './trace.ts'
export { Tun, type TunOpenOptions, type TunOptions, type TunPlace } from './tun.ts'
export type { IpFamily, Scope } from './words.ts'
