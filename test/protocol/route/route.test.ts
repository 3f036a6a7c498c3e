import { describe, expect, test } from 'vitest'
import { routeMessage } from '../../../protocol/route/route.ts'
import { refusal, rows } from './rows.ts'

const header = {
  family: 'inet',
  dstLen: 24,
  srcLen: 0,
  tos: 0,
  table: 'main',
  protocol: 'boot',
  scope: 'universe',
  type: 'unicast',
  flags: [],
}

describe('routeMessage', () => {
  rows(routeMessage, [
    {
      fixture: 'route/ipv4/ip-route-add-198-51-112-0-24-via-192-0-2-2-realm-1-2',
      hex: '02180000fe03000100000000 08000100c6337000 08000500c0000202 08000b0002000100',
      value: { header, dst: '198.51.112.0', gateway: '192.0.2.2', flow: 0x10002 },
    },
    {
      fixture: 'route/get/ip-route-get-10-2-0-1',
      hex: '022000000000000000100000 080001000a020001',
      value: {
        header: { ...header, dstLen: 32, table: 'unspec', protocol: 'unspec', type: 'unspec', flags: ['lookup_table'] },
        dst: '10.2.0.1',
      },
    },
    {
      fixture: 'route/ipv6/ip-6-route-add-2001-db8-5-48-from-2001-db8-77-48-via-2001-db8-2',
      hex:
        '0a303000fe03000100000000 1400010020010db8000500000000000000000000' +
        '1400020020010db8007700000000000000000000 1400050020010db8000000000000000000000002',
      value: {
        header: { ...header, family: 'inet6', dstLen: 48, srcLen: 48 },
        dst: '2001:db8:5::',
        src: '2001:db8:77::',
        gateway: '2001:db8::2',
      },
    },
    {
      fixture: 'monitor/route/routes',
      hex: '02000000fe03000100000000 240009001000000003000000 08000500c0000202 1000000003000000 08000500c0000203',
      value: {
        header: { ...header, dstLen: 0 },
        multipath: [
          { header: { flags: [], hops: 0, ifindex: 3 }, gateway: '192.0.2.2' },
          { header: { flags: [], hops: 0, ifindex: 3 }, gateway: '192.0.2.3' },
        ],
      },
    },
    {
      fixture: 'made here: a label swapped for two, by way of an IPv6 neighbour',
      hex: '1c140000fe04000100000000 0800010000064100 0c001300000c80000012c100 160012000a00fe800000000000000000000000000001 0000',
      value: {
        header: { ...header, family: 'mpls', dstLen: 20, protocol: 'static' },
        dst: '100',
        newdst: '200/300',
        via: { family: 'inet6', address: 'fe80::1' },
      },
    },
  ])

  test('flags of the next hop and of the route are told apart', () => {
    expect(refusal(routeMessage, { header: { flags: ['offload', 'rt_offload', 'onlink', 'linkdown'] } })).toBe('taken')
  })

  test('names the property at fault', () => {
    expect(refusal(routeMessage, { multipath: [{}, { gateway: 'x' }] })).toBe(
      "multipath[1].gateway: must be an IP address, got 'x'",
    )
    expect(refusal(routeMessage, { via: { family: 'inet', address: 'fe80::1' } })).toBe(
      "via.address: must be an address of inet, got 'fe80::1'",
    )
    expect(refusal(routeMessage, { newdst: '1048576' })).toBe("newdst: must be MPLS labels like 100/200, got '1048576'")
  })
})
