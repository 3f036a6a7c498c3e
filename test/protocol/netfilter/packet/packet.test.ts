/** nfnetlink_log, nfnetlink_queue, accounting, helpers, fingerprints: no tool whose traffic was captured speaks them; bytes by the headers. */
import { describe, expect, test } from 'vitest'
import { acctMessage } from '../../../../protocol/netfilter/acct/acct.ts'
import { helperMessage } from '../../../../protocol/netfilter/cthelper/helper.ts'
import { logConfigMessage, logPacketMessage } from '../../../../protocol/netfilter/log/log.ts'
import { osfFinger } from '../../../../protocol/netfilter/osf/osf.ts'
import { queueConfigMessage, queuePacketHdr, queuePacketMessage } from '../../../../protocol/netfilter/queue/queue.ts'
import { rows } from '../../route/rows.ts'

const header = (resId = 0) => ({ family: 'unspec', version: 0, resId })

describe('nfnetlink_log', () => {
  rows(logConfigMessage, [
    {
      fixture: 'bind to group 5, copy 64 bytes of packets',
      hex: '00000005 0500010001000000 0a000200 00000040 0200 0000 0600060000050000',
      value: {
        header: header(5),
        cmd: 'bind',
        mode: { copyRange: 64, copyMode: 'packet' },
        flags: ['seq', 'conntrack'],
      },
    },
  ])
  rows(logPacketMessage, [
    {
      fixture: 'a packet with its connection',
      hex: '00000005 08000100 08000300 08000a0061626300 06000900aabb0000 0c001280 080003 0000000008 0800130000000002'.replaceAll(
        ' ',
        '',
      ),
      value: {
        header: header(5),
        packetHdr: { hwProtocol: 0x0800, hook: 3 },
        prefix: 'abc',
        payload: Uint8Array.of(0xaa, 0xbb),
        ct: { status: ['confirmed'] },
        ctInfo: 'new',
      },
    },
  ])
})

describe('nfnetlink_queue', () => {
  test('the header of a packet is not padded', () => {
    expect(queuePacketHdr.size).toBe(7)
  })
  rows(queueConfigMessage, [
    {
      fixture: 'bind to queue 1, copy packets',
      hex: '00000001 0800010001000000 09000200 0000ffff02 000000 0800050000000002 0800040000000002',
      value: {
        header: header(1),
        cmd: { command: 'bind', pf: 0 },
        params: { copyRange: 0xffff, copyMode: 'packet' },
        flags: ['conntrack'],
        mask: ['conntrack'],
      },
    },
  ])
  rows(queuePacketMessage, [
    {
      fixture: 'a verdict',
      hex: '00000001 0c000200 00000001 00000007 0800030000000009',
      value: { header: header(1), verdictHdr: { verdict: 'accept', id: 7 }, mark: 9 },
    },
  ])
})

describe('nfnetlink_acct', () => {
  rows(acctMessage, [
    {
      fixture: 'a quota',
      hex: '00000000 0700010061620000 0c000600 00000000000003e8 0800050000000002 1400 0780 0800010000000004 0800020000000004'.replaceAll(
        ' ',
        '',
      ),
      value: {
        header: header(),
        name: 'ab',
        quota: 1000n,
        flags: ['quota_bytes'],
        filter: { mask: ['overquota'], value: ['overquota'] },
      },
    },
  ])
})

describe('cthelper', () => {
  rows(helperMessage, [
    {
      fixture: 'a helper with one policy',
      hex: '00000000 0800010066747000 14000280 0600010000020000 0500020006000000 18000480 0800010000000001 0c000280 0800020000000008 0800060000000001',
      value: {
        header: header(),
        name: 'ftp',
        tuple: { l3protonum: 'ipv4', l4protonum: 'tcp' },
        policy: { setNum: 1, set1: { expectMax: 8 } },
        status: 'enabled',
      },
    },
  ])
})

test('osf: struct nf_osf_user_finger is 592 bytes', () => {
  expect(osfFinger.size).toBe(592)
})
