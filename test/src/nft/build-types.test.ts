/** Types of the rule builder: what belongs together compiles, the rest does not. `npm run types` is the test. */
import { describe, expectTypeOf, test } from 'vitest'
import type { MatchStatement, VmapStatement } from '../../../src/nft/ast.ts'
import {
  accept,
  arp,
  concat,
  ct,
  dnat,
  frag,
  ip,
  ip6,
  mapRef,
  masquerade,
  meta,
  raw,
  reject,
  setRef,
  tcp,
} from '../../../src/nft/build/index.ts'

/** Never run: only its types count. */
const compiles = (_: () => unknown): void => {}

describe('values', () => {
  test('are of the selector’s data type', () => {
    expectTypeOf(tcp.dport).toBeCallableWith(80, '443', 'https', '1000-2000')
    expectTypeOf(ct.state).toBeCallableWith('established', 'related')
    expectTypeOf(tcp.dport(80)).toEqualTypeOf<MatchStatement>()
    expectTypeOf(tcp.dport.vmap({ 80: accept() })).toEqualTypeOf<VmapStatement>()
    compiles(() => [
      // @ts-expect-error: no service, no number
      tcp.dport('htttp'),
      // @ts-expect-error: no state
      ct.state('establish'),
      // @ts-expect-error: no flag
      tcp.flags.and('sync'),
      // @ts-expect-error: an address is a string
      ip.saddr(10),
      // @ts-expect-error: no protocol
      meta.l4proto('tpc'),
      // @ts-expect-error: no code of ICMPv6
      reject('icmpv6', 'host-unreachable'),
      // @ts-expect-error: a value where a verdict belongs
      tcp.dport.vmap({ 80: 1 }),
      // @ts-expect-error: no state
      ct.state.vmap({ establish: accept() }),
    ])
  })
  test('of several parts are tuples', () => {
    const key = concat(ip.saddr, tcp.dport)
    expectTypeOf(key).toBeCallableWith(['10.0.0.1', 80], ['10.0.0.0/8', '80-90'])
    compiles(() => [
      // @ts-expect-error: the wrong order
      key([80, '10.0.0.1']),
      // @ts-expect-error: a part too many
      key(['10.0.0.1', 80, 1]),
      // @ts-expect-error: one alone is no concatenation
      concat(ip.saddr),
    ])
  })
})

describe('sets and maps', () => {
  const addresses = setRef<'ipv4_addr'>('a')
  const services = setRef({ name: 'b', type: ['ipv4_addr', 'inet_service'] })
  const backends = mapRef({ name: 'c', type: 'inet_service', map: 'ipv4_addr' })
  const untyped = setRef('e')
  const policy = mapRef({ name: 'd', type: 'inet_service', map: 'verdict' })
  test('fit selectors of their type only', () => {
    compiles(() => [
      ip.saddr(addresses),
      ip.daddr.not(addresses),
      ip.saddr(setRef('f')),
      concat(ip.saddr, tcp.dport)(services),
    ])
    compiles(() => [tcp.dport.map(backends), tcp.dport.vmap(policy), addresses.add(ip.saddr)])
    compiles(() => services.update(concat(ip.saddr, tcp.dport), { timeout: 5 }))
    compiles(() => backends.add(tcp.dport, ip.daddr))
    compiles(() => [
      // @ts-expect-error: addresses are no ports
      tcp.dport(addresses),
      // @ts-expect-error: of the other family
      ip6.saddr(addresses),
      // @ts-expect-error: the wrong order
      concat(tcp.dport, ip.saddr)(services),
      // @ts-expect-error: a part is missing
      ip.saddr(services),
      // @ts-expect-error: a set of an unknown type
      ip.saddr(untyped),
      // @ts-expect-error: a port for an address
      addresses.add(tcp.dport),
      // @ts-expect-error: a map of values gives no verdicts
      tcp.dport.vmap(backends),
      // @ts-expect-error: a port for an address
      ip.saddr.map(backends),
      // @ts-expect-error: the value is an address
      backends.add(tcp.dport, tcp.sport),
    ])
  })
})

describe('what selectors can do', () => {
  test('depends on their data type', () => {
    compiles(() => [tcp.dport.lt(5), ct.state.not('new'), tcp.flags.is('syn'), frag.exists(), raw('nh', 0, 8)(1)])
    compiles(() => [
      // @ts-expect-error: bits have no order
      ct.state.lt('new'),
      // @ts-expect-error: names have no order
      meta.iifname.lt('eth0'),
      // @ts-expect-error: a port has no bits with names
      tcp.dport.is(80),
      // @ts-expect-error: a header of IPv4 is always there
      ip.exists(),
    ])
  })
  test('and on what the kernel sets', () => {
    compiles(() => [meta.mark.set(1), meta.mark.set(ct.mark), ip.dscp.set('cs1'), tcp.option.maxseg.size.set(1400)])
    compiles(() => [ct.event.set('new', 'related'), meta.mark.set(ip.saddr.map({ '10.0.0.1': 1 }))])
    compiles(() => [
      // @ts-expect-error: where a packet came in cannot be changed
      meta.iifname.set('eth0'),
      // @ts-expect-error: nor the state
      ct.state.set('new'),
      // @ts-expect-error: extension headers are not written
      frag.id.set(1),
    ])
  })
  test('directions are where the kernel has them', () => {
    compiles(() => [ct.original.ipSaddr('10.0.0.1'), ct.bytes.gt(1), ct.reply.bytes.gt(1), arp.saddrIp('10.0.0.1')])
    compiles(() => [
      // @ts-expect-error: an address of a connection has a direction
      ct.ipSaddr('10.0.0.1'),
      // @ts-expect-error: a state has none
      ct.original.state('new'),
    ])
  })
  test('statements take what nft takes', () => {
    compiles(() => [
      // @ts-expect-error: the address is the device's
      masquerade({ to: '10.0.0.1' }),
      // @ts-expect-error: no flag
      dnat({ to: '10.0.0.1', flags: ['sticky'] }),
      // @ts-expect-error: no such field
      ip.sadr('10.0.0.1'),
    ])
  })
})
