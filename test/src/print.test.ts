import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeMessages, protocols } from '../../protocol/protocols.ts'
import { describeDatagram } from '../../src/print.ts'
import { captured } from '../protocol/harness.ts'
import { bytesOf } from '../protocol/wire/tools.ts'

const options = { littleEndian: true }
const print = (bytes: Uint8Array): string[] =>
  describeDatagram(protocols.route, bytes, decodeMessages('route', bytes, options), options).split('\n')

// RTM_NEWLINK with what follows.
const newlink = (rest: string): Uint8Array => {
  const bytes = bytesOf(`00000000 10000500 01000000 00000000 0000000000000000 0000000000000000 ${rest}`)
  new DataView(bytes.buffer).setUint32(0, bytes.length, true)
  return bytes
}

describe('describeDatagram', () => {
  test('nests are indented, each part at its offset', () => {
    // IFLA_LINKINFO { IFLA_INFO_KIND 'veth', IFLA_INFO_DATA { VETH_INFO_PEER { ifname 'p' } } }
    const peer = '06000300 70000000'
    const lines = print(newlink(`30001200 09000100 76657468 00000000 20000200 1c000100 ${'00'.repeat(16)} ${peer}`))
    expect(lines).toContain('   32    IFLA_LINKINFO linkinfo')
    expect(lines).toContain('   36      IFLA_INFO_KIND kind: "veth"')
    expect(lines).toContain('   48      IFLA_INFO_DATA data')
    expect(lines).toContain('   52        VETH_INFO_PEER peer')
    expect(lines).toContain('   72          IFLA_IFNAME ifname: "p"')
  })

  test('text from the network cannot drive the terminal', () => {
    const [line] = print(newlink('0a000300 1b5b c29b 6d00 0000')).filter((each) => each.includes('IFLA_IFNAME'))
    expect(line).toBe('   32    IFLA_IFNAME ifname: "\\u001b[\\u009bm"')
  })

  test('bytes behind the attributes are shown', () => {
    expect(print(newlink('08000400 dc050000 ff00'))).toContain('   40    tail: ff00')
  })

  test('no part of a captured message is malformed, no offset beyond its end', () => {
    for (const { fixture, protocol, bytes } of captured('route')) {
      const text = describeDatagram(protocols[protocol], bytes, decodeMessages(protocol, bytes, options), options)
      expect(text, fixture.id).not.toMatch(/malformed|broken/)
      const last = Number(text.slice(text.lastIndexOf('\n') + 1, text.lastIndexOf('\n') + 6))
      expect(last, fixture.id).toBeLessThan(bytes.length)
    }
  })

  test('damaged bytes are described, never refused', () => {
    const given = captured('link').filter(({ bytes }) => bytes.length < 400)
    fc.assert(
      fc.property(
        fc.constantFrom(...given),
        fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 2, 4, 8, 0x10, 0x80, 0xff)), { maxLength: 5 }),
        ({ bytes }, edits) => {
          const damaged = bytes.slice()
          for (const [where, byte] of edits) damaged[where % damaged.length] = byte
          const messages = decodeMessages('route', damaged, options)
          const lines = print(damaged)
          // A line for each message at least; none for a datagram of zero bytes.
          expect(lines.filter((line) => /^ *\d+ {2}\S/.test(line))).toHaveLength(messages.length)
        },
      ),
      { numRuns: 500 },
    )
  })
})
