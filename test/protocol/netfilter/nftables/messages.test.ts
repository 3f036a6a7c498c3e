import { describe } from 'vitest'
import { batchMessage } from '../../../../protocol/netfilter/batch.ts'
import { chainMessage } from '../../../../protocol/netfilter/nftables/chain.ts'
import { compatMessage } from '../../../../protocol/netfilter/nftables/compat.ts'
import { elementsMessage } from '../../../../protocol/netfilter/nftables/element.ts'
import { flowtableMessage } from '../../../../protocol/netfilter/nftables/flowtable.ts'
import { generationMessage } from '../../../../protocol/netfilter/nftables/generation.ts'
import { hookMessage } from '../../../../protocol/netfilter/nftables/hooks.ts'
import { objectMessage } from '../../../../protocol/netfilter/nftables/object.ts'
import { ruleMessage } from '../../../../protocol/netfilter/nftables/rule.ts'
import { setMessage } from '../../../../protocol/netfilter/nftables/set.ts'
import { tableMessage } from '../../../../protocol/netfilter/nftables/table.ts'
import { bytesOf, rows } from '../../route/rows.ts'

describe('tableMessage', () => {
  rows(tableMessage, [
    {
      fixture: 'nftables/tables/nft-list-tables',
      hex: '0100000a 0e000100636f6d6d656e746564000000 0800020000000000 0800030000000000 0c0004000000000000000009 1d000600001761207461626c652077697468206120636f6d6d656e7400000000',
      value: {
        header: { family: 'inet', version: 0, resId: 10 },
        name: 'commented',
        flags: [],
        use: 0,
        handle: 9n,
        userdata: { comment: 'a table with a comment' },
      },
    },
    {
      fixture: 'nftables/tables/nft-delete-table-ip6-filter6',
      hex: '0a000000 0c00010066696c7465723600',
      value: { header: { family: 'ipv6', version: 0, resId: 0 }, name: 'filter6' },
    },
  ])
})

describe('chainMessage', () => {
  rows(chainMessage, [
    {
      fixture: 'netfilter/iptables/iptables-z',
      hex: '02000000 0b00010066696c7465720000 0a000300494e505554000000 14000480 0800010000000001 0800020000000000 0800050000000001 0800060000000015 1c000880 0c0002000000000000000000 0c0001000000000000000000 0b00070066696c7465720000 08000a0000000001',
      value: {
        header: { family: 'ipv4', version: 0, resId: 0 },
        table: 'filter',
        name: 'INPUT',
        hook: { hooknum: 1, priority: 0 },
        policy: 'accept',
        use: 21,
        counters: { packets: 0n, bytes: 0n },
        type: 'filter',
        flags: ['base'],
      },
    },
    {
      fixture: 'tutorial/isolate-servers/iptables-t-nat-a-postrouting-s-192-168-1-0-24-o-br0-j-masquerade',
      hex: '02000000 080001006e617400 0a000300494e505554000000',
      value: { header: { family: 'ipv4', version: 0, resId: 0 }, table: 'nat', name: 'INPUT' },
    },
  ])
})

describe('ruleMessage', () => {
  rows(ruleMessage, [
    {
      fixture: 'netfilter/iptables/iptables-a-input-j-nflog-nflog-group-3-nflog-prefix-x',
      hex: '02000000 0b00010066696c7465720000 0a000200494e505554000000 50000480 2c000180 0c000100636f756e74657200 1c000280 0c0001000000000000000000 0c0002000000000000000000 20000180 080001006c6f6700 14000280 0600020078000000 0600010000030000 14000580 0800010000000000 0800020000000000',
      value: {
        header: { family: 'ipv4', version: 0, resId: 0 },
        table: 'filter',
        chain: 'INPUT',
        expressions: [
          { name: 'counter', data: { bytes: 0n, packets: 0n } },
          { name: 'log', data: { prefix: 'x', group: 3 } },
        ],
        compat: { proto: 0, flags: [] },
      },
    },
    {
      fixture: 'netfilter/iptables/iptables-r-mychain-1-p-udp-sport-54-j-return',
      hex: '02000000 0b00010066696c7465720000 0c0002006d79636861696e00 0c0003000000000000000020 10010480 24000180 090001006d65746100000000 14000280 0800020000000010 0800010000000001 2c000180 08000100636d7000 20000280 0800010000000001 0800020000000000 0c000380 0500010011000000 34000180 0c0001007061796c6f616400 24000280 0800010000000001 0800020000000002 0800030000000000 0800040000000002 2c000180 08000100636d7000 20000280 0800010000000001 0800020000000000 0c000380 0600010000360000 2c000180 0c000100636f756e74657200 1c000280 0c0001000000000000000000 0c0002000000000000000000 30000180 0e000100696d6d656469617465000000 1c000280 0800010000000000 10000280 0c000280 08000100fffffffb 14000580 0800010000000011 0800020000000000',
      value: {
        header: { family: 'ipv4', version: 0, resId: 0 },
        table: 'filter',
        chain: 'mychain',
        handle: 32n,
        expressions: [
          { name: 'meta', data: { key: 'l4proto', dreg: 1 } },
          { name: 'cmp', data: { sreg: 1, op: 'eq', data: { value: bytesOf('11') } } },
          { name: 'payload', data: { dreg: 1, base: 'transport_header', offset: 0, len: 2 } },
          { name: 'cmp', data: { sreg: 1, op: 'eq', data: { value: bytesOf('0036') } } },
          { name: 'counter', data: { bytes: 0n, packets: 0n } },
          { name: 'immediate', data: { dreg: 0, data: { verdict: { code: 'return' } } } },
        ],
        compat: { proto: 17, flags: [] },
      },
    },
    {
      fixture: 'errors/nftables/nft-delete-rule-inet-t-c-handle-77',
      hex: '01000000 0600010074000000 0600020063000000 0c000300000000000000004d',
      value: { header: { family: 'inet', version: 0, resId: 0 }, table: 't', chain: 'c', handle: 77n },
    },
  ])
})

describe('setMessage', () => {
  rows(setMessage, [
    {
      fixture: 'nftables/nat/nft-add-rule-ip-nat-prerouting-dnat-to-tcp-dport-map-80-192-168',
      hex: '02000000 080001006e617400 0c0002005f5f6d6170256400 080003000000000b 080004000000000d 0800050000000002 0800060000000007 0800070000000004 08000a0000000001 0c000980 0800010000000002 16000d000004020000000104020000000604000000000000',
      value: {
        header: { family: 'ipv4', version: 0, resId: 0 },
        table: 'nat',
        name: '__map%d',
        flags: ['anonymous', 'constant', 'map'],
        keyType: 13,
        keyLen: 2,
        dataType: 7,
        dataLen: 4,
        id: 1,
        desc: { size: 2 },
        userdata: { keybyteorder: 2, databyteorder: 2, dataInterval: 0 },
      },
    },
    {
      fixture: 'nftables/sets/nft-delete-set-inet-t-ports',
      hex: '01000000 0600010074000000 0a000200706f727473000000',
      value: { header: { family: 'inet', version: 0, resId: 0 }, table: 't', name: 'ports' },
    },
  ])
})

describe('elementsMessage', () => {
  rows(elementsMessage, [
    {
      fixture: 'nftables/maps/nft-add-element-inet-t-portmap-8080-192-0-2-3',
      hex: '01000000 0600010074000000 0c000200706f72746d617000 0800040000000001 20000380 1c000180 0c000180 060001001f900000 0c000280 08000100c0000203',
      value: {
        header: { family: 'inet', version: 0, resId: 0 },
        table: 't',
        set: 'portmap',
        setId: 1,
        elements: [{ key: { value: bytesOf('1f90') }, data: { value: bytesOf('c0000203') } }],
      },
    },
    {
      fixture: 'nftables/sets/nft-delete-element-inet-t-nets-10-0-0-0-8',
      hex: '01000000 0600010074000000 090002006e65747300000000 2c000380 10000180 0c000180 080001000a000000 18000280 0800030000000001 0c000180 080001000b000000',
      value: {
        header: { family: 'inet', version: 0, resId: 0 },
        table: 't',
        set: 'nets',
        elements: [
          { key: { value: bytesOf('0a000000') } },
          { flags: ['interval_end'], key: { value: bytesOf('0b000000') } },
        ],
      },
    },
  ])
})

describe('generationMessage', () => {
  rows(generationMessage, [
    {
      fixture: 'tutorial/isolate-servers/nft-j-list-ruleset',
      hex: '00000003 0800010000000003 0800020000000107 080003006e667400',
      value: { header: { family: 'unspec', version: 0, resId: 3 }, id: 3, procPid: 263, procName: 'nft' },
    },
  ])
})

describe('objectMessage', () => {
  rows(objectMessage, [
    {
      fixture: 'nftables/conntrack/nft-add-ct-timeout-inet-t-agg-protocol-tcp-policy-established-10',
      hex: '01000000 0600010074000000 0800020061676700 0800030000000007 68000480 0500020006000000 5c000380 0800010000000078 080002000000003c 0800030000000064 0800040000000078 080005000000003c 080006000000001e 0800070000000078 0800080000000004 0800090000000078 08000a000000012c 08000b000000012c',
      value: {
        header: { family: 'inet', version: 0, resId: 0 },
        table: 't',
        name: 'agg',
        type: 'ct_timeout',
        data: {
          l4proto: 'tcp',
          data: {
            synSent: 120,
            synRecv: 60,
            established: 100,
            finWait: 120,
            closeWait: 60,
            lastAck: 30,
            timeWait: 120,
            close: 4,
            synSent2: 120,
            retrans: 300,
            unack: 300,
          },
        },
      },
    },
    {
      fixture: 'nftables/conntrack/nft-add-ct-expectation-inet-t-expect-protocol-tcp-dport-9876-tim',
      hex: '01000000 0600010074000000 0b0002006578706563740000 0800030000000009 2c000480 0600010000020000 0500020006000000 0600030026940000 08000400c0d40100 050005000c000000',
      value: {
        header: { family: 'inet', version: 0, resId: 0 },
        table: 't',
        name: 'expect',
        type: 'ct_expect',
        data: { l3proto: 'ipv4', l4proto: 'tcp', dport: 9876, timeout: 120000, size: 12 },
      },
    },
    {
      fixture: 'nftables/objects/nft-add-counter-inet-t-preset-packets-10-bytes-2000-comment-has',
      hex: '01000000 0600010074000000 0b0002007072657365740000 0800030000000001 12000800000c68617320612076616c7565000000 1c000480 0c00010000000000000007d0 0c000200000000000000000a',
      value: {
        header: { family: 'inet', version: 0, resId: 0 },
        table: 't',
        name: 'preset',
        type: 'counter',
        userdata: { comment: 'has a value' },
        data: { bytes: 2000n, packets: 10n },
      },
    },
    {
      fixture: 'nftables/objects/nft-add-limit-inet-t-lim-rate-400-minute-burst-10-packets',
      hex: '01000000 0600010074000000 080002006c696d00 0800030000000004 34000480 0c0001000000000000000190 0c000200000000000000003c 080003000000000a 0800040000000000 0800050000000000',
      value: {
        header: { family: 'inet', version: 0, resId: 0 },
        table: 't',
        name: 'lim',
        type: 'limit',
        data: { rate: 400n, unit: 60n, burst: 10, type: 'pkts', flags: [] },
      },
    },
    {
      fixture: 'nftables/objects/nft-add-synproxy-inet-t-syn-mss-1460-wscale-9-timestamp-sack-per',
      hex: '01000000 0600010074000000 0800020073796e00 080003000000000a 1c000480 0600010005b40000 0500020009000000 080003000000000f',
      value: {
        header: { family: 'inet', version: 0, resId: 0 },
        table: 't',
        name: 'syn',
        type: 'synproxy',
        data: { mss: 1460, wscale: 9, flags: ['mss', 'wscale', 'sack_perm', 'timestamp'] },
      },
    },
    {
      fixture: 'nftables/objects/nft-delete-counter-inet-t-spare',
      hex: '01000000 0600010074000000 0a0002007370617265000000 0800030000000001 04000480',
      value: { header: { family: 'inet', version: 0, resId: 0 }, table: 't', name: 'spare', type: 'counter', data: {} },
    },
  ])
})

describe('flowtableMessage', () => {
  rows(flowtableMessage, [
    {
      fixture: 'errors/nftables/nft-add-flowtable-inet-t-f-hook-ingress-priority-0-devices-nosuc',
      hex: '01000000 0600010074000000 0600020066000000 24000380 0800010000000000 0800020000000000 10000380 0b0001006e6f737563680000 0800070000000000',
      value: {
        header: { family: 'inet', version: 0, resId: 0 },
        table: 't',
        name: 'f',
        hook: { num: 0, priority: 0, devs: { name: ['nosuch'] } },
        flags: [],
      },
    },
  ])
})

describe('compatMessage', () => {
  rows(compatMessage, [
    {
      fixture: 'tutorial/isolate-servers/iptables-t-nat-l-n-v',
      hex: '02000000 0800010074637000 0800020000000000 0800030000000000',
      value: { header: { family: 'ipv4', version: 0, resId: 0 }, name: 'tcp', rev: 0, type: 'match' },
    },
  ])
})

describe('hookMessage', () => {
  rows(hookMessage, [
    {
      fixture: 'nftables/chains/nft-list-hooks-device-veth0',
      hex: '05000000 0a0003007665746830000000 0800010000000000',
      value: { header: { family: 'netdev', version: 0, resId: 0 }, dev: 'veth0', hooknum: 0 },
    },
  ])
})

describe('batchMessage', () => {
  rows(batchMessage, [
    {
      fixture: 'tutorial/isolate-servers/iptables-t-nat-a-postrouting-s-192-168-1-0-24-o-br0-j-masquerade',
      hex: '0000000a 0800010000000001',
      value: { header: { family: 'unspec', version: 0, resId: 10 }, genid: 1 },
    },
    {
      fixture: 'nftables/tables/nft-add-table-ip-filter',
      hex: '0000000a',
      value: { header: { family: 'unspec', version: 0, resId: 10 } },
    },
  ])
})
