import { describe, expect, test } from 'vitest'
import { type LinkMessageInput, linkMessage } from '../../../../protocol/route/link/link.ts'
import { Sink, source } from '../../../../protocol/wire/bytes.ts'
import { read } from '../../../../protocol/wire/compile.ts'
import { refusal, rows } from '../rows.ts'

const header = { family: 'unspec', type: 0, index: 0, flags: [], change: [] }

describe('linkMessage', () => {
  rows(linkMessage, [
    {
      fixture: 'link/veth/ip-link-delete-dev-v2, the look-up',
      hex: '00000000000000000000000000000000 08001d0009000000 0700030076320000',
      value: { header, extMask: ['vf', 'skip_stats'], ifname: 'v2' },
    },
    {
      fixture: 'errors/link/ip-link-property-add-dev-veth0-altname-veth1@6.12',
      hex: '00000000030000000000000000000000 10003480 0a0035007665746831000000',
      value: { header: { ...header, index: 3 }, propList: { altIfname: ['veth1'] } },
    },
    {
      fixture: 'bridge/link/bridge-link-set-dev-veth0-priority-5',
      hex: '07000000040000000000000000000000 0c000c80 0600020005000000',
      value: { header: { ...header, family: 'bridge', index: 4 }, protinfo: { priority: 5 } },
    },
  ])

  test('counters of an older kernel: what it does not know is absent, and stays so', () => {
    const value: LinkMessageInput = {
      header: { ...header, family: 'unspec' },
      stats64: { rxPackets: 1n, txPackets: 2n },
    }
    const sink = new Sink(true)
    linkMessage.encode(value, sink)
    const bytes = sink.finish()
    expect(bytes.length).toBe(16 + 4 + 16)
    for (const exact of [true, false]) {
      const decoded = linkMessage.decode(source(bytes, { littleEndian: true, exact }), 0, bytes.length)
      expect(decoded).toEqual(value)
    }
    expect(read(linkMessage, source(bytes, { littleEndian: true }), 0, bytes.length)).toEqual(value)
  })

  test('counters of a newer kernel: the rest is kept', () => {
    const sink = new Sink(true)
    const tail = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
    linkMessage.encode({ stats64: { rxPackets: 1n, tail } }, sink)
    const bytes = sink.finish()
    expect(bytes.length).toBe(16 + 4 + 25 * 8 + 8)
    const decoded = linkMessage.decode(source(bytes, { littleEndian: true, exact: true }), 0, bytes.length)
    expect(decoded.stats64?.tail).toEqual(tail)
    expect(decoded.raw).toBeUndefined()
  })

  test('names the property at fault', () => {
    expect(refusal(linkMessage, { ifname: 'sixteen-bytes-it' })).toBe(
      "ifname: must be shorter than 16 bytes, got 'sixteen-bytes-it'",
    )
    expect(refusal(linkMessage, { linkinfo: { kind: 'bridge', data: { priority: 65536 } } })).toBe(
      'linkinfo.data.priority: must be an integer 0..65535, got 65536',
    )
  })
})
