/** nl.conntrack: random entries come back as they were sent, and filters made of parts of an entry find it, and no other. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { conntrackMessage } from '../../protocol/netfilter/conntrack/entry.ts'
import { formatIp } from '../../protocol/wire/address.ts'
import { Sink, source } from '../../protocol/wire/bytes.ts'
import { type ConntrackFilter, ConntrackMatcher, type ConntrackTupleFilter } from '../../src/conntrack-filter.ts'
import { fromConntrack, fromTarget } from '../../src/conntrack-message.ts'
import { type Conntrack, type ConntrackInput, toConntrack } from '../../src/conntrack-object.ts'
import type { ConntrackProtocol } from '../../src/conntrack-tuple.ts'
import type { IpFamily } from '../../src/words.ts'

const upTo = (max: number) => fc.integer({ min: 0, max })
const address = (family: IpFamily): fc.Arbitrary<string> => {
  const length = family === 'inet' ? 4 : 16
  return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => formatIp(bytes))
}
const states = {
  tcp: ['syn_sent', 'syn_recv', 'established', 'fin_wait', 'close_wait', 'last_ack', 'time_wait', 'close'],
  sctp: ['closed', 'cookie_wait', 'established', 'shutdown_sent'],
  dccp: ['request', 'respond', 'open', 'closing'],
} as const
const bits = ['seen_reply', 'assured', 'confirmed', 'src_nat', 'dst_nat', 'fixed_timeout'] as const
const ported = ['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'gre'] as const

/** A direction, with what the protocol has. */
function flow(family: IpFamily, protocol: ConntrackProtocol) {
  const ends = { src: address(family), dst: address(family) }
  if (protocol === 'icmp' || protocol === 'icmpv6') {
    const type = protocol === 'icmp' ? [0, 8, 13, 14, 15, 16, 17, 18] : [128, 129, 139, 140]
    return fc.record({ ...ends, type: fc.constantFrom(...type), code: upTo(255), id: upTo(0xffff) })
  }
  // None of the others has anything that tells flows apart.
  if (typeof protocol === 'number') return fc.record(ends)
  return fc.record({ ...ends, sport: upTo(0xffff), dport: upTo(0xffff) })
}

const entries: fc.Arbitrary<ConntrackInput> = fc.constantFrom<IpFamily>('inet', 'inet6').chain((family) =>
  fc.constantFrom<ConntrackProtocol>(...ported, family === 'inet' ? 'icmp' : 'icmpv6', 253).chain((protocol) =>
    fc.record(
      {
        protocol: fc.constant(protocol),
        orig: flow(family, protocol),
        reply: flow(family, protocol),
        timeout: upTo(0xffffffff),
        mark: upTo(0xffffffff),
        zone: fc.integer({ min: 1, max: 0xffff }),
        labels: fc.uniqueArray(upTo(127), { minLength: 1, maxLength: 5 }),
        helper: fc.constantFrom('ftp', 'sip'),
        status: fc.subarray([...bits]),
        state:
          protocol === 'tcp' || protocol === 'sctp' || protocol === 'dccp'
            ? fc.constantFrom(...states[protocol])
            : fc.constant(undefined),
      },
      { requiredKeys: ['protocol', 'orig', 'timeout', 'state'] },
    ),
  ),
)

/** What the kernel reads, as the caller would see it. */
function received(message: Parameters<typeof conntrackMessage.encode>[0]) {
  const sink = new Sink()
  conntrackMessage.encode(message, sink)
  const bytes = sink.finish()
  return conntrackMessage.decode(source(bytes, { strict: true }), 0, bytes.length)
}
const listed = (entry: ConntrackInput): Conntrack => {
  const made = toConntrack(received(fromConntrack(entry, 'add')))
  if (made === undefined) throw new Error('no entry')
  return made
}
const ascending = (a: number, b: number) => a - b

test('an entry comes back as it was sent', () => {
  fc.assert(
    fc.property(entries, (entry) => {
      const { status = [], labels, reply, state, ...same } = entry
      const made = listed(entry)
      expect(made).toMatchObject({ ...same, ...(reply && { reply }), ...(state && { state }) })
      expect(made.labels?.sort(ascending)).toEqual(labels && [...labels].sort(ascending))
      // The kernel wants that of each.
      if (entry.status) expect(new Set(made.status)).toEqual(new Set([...status, 'confirmed']))
      // Named by either direction, it is the same message
      expect(received(fromTarget(made, 'get'))).toMatchObject({ tupleOrig: { proto: { num: entry.protocol } } })
      // What was listed can be added again. With NAT the kernel makes the reply.
      if (made.nat !== undefined) return
      const again = listed(made)
      expect({ ...again, status: made.status }).toEqual(made)
      expect(listed(again)).toEqual(again)
    }),
    { numRuns: 500 },
  )
})

test('a filter of parts of an entry finds it; with one part that is another it does not', () => {
  const choice = fc.record({
    orig: fc.subarray(['src', 'dst', 'sport', 'dport', 'type', 'code', 'id'] as const),
    reply: fc.subarray(['src', 'dst', 'sport', 'dport', 'type', 'code', 'id'] as const),
    rest: fc.subarray(['protocol', 'mark', 'zone', 'state', 'status', 'labels', 'family'] as const),
    length: fc.option(fc.integer({ min: 1, max: 32 })),
    mask: upTo(0xffffffff),
  })
  fc.assert(
    fc.property(entries, choice, (entry, { orig, reply, rest, length, mask }) => {
      const made = listed(entry)
      const part = (which: 'orig' | 'reply', keys: readonly (keyof ConntrackTupleFilter)[]): ConntrackTupleFilter => {
        const found = Object.entries(made[which]).filter(([key]) => keys.some((each) => each === key))
        const prefixed = found.map(([key, value]) =>
          typeof value === 'string' && length !== null ? [key, `${value}/${length}`] : [key, value],
        )
        return Object.fromEntries(prefixed)
      }
      const filter: ConntrackFilter = { orig: part('orig', orig), reply: part('reply', reply) }
      const found = Object.entries(made).filter(([key]) => rest.some((each) => each === key))
      Object.assign(filter, Object.fromEntries(found))
      if (filter.mark !== undefined) filter.markMask = mask
      const matcher = new ConntrackMatcher(filter, 'list')
      expect(matcher.matches(made)).toBe(true)
      // All requests can be sent, and are read as they were meant.
      for (const request of matcher.requests()) {
        const { header, ...read } = received(request)
        expect(header.family).toBe(request.header?.family)
        for (const key of ['mark', 'markMask', 'zone'] as const) expect(read[key]).toBe(request[key])
      }
      const others: ConntrackFilter[] = [
        { ...filter, family: made.family === 'inet' ? 'inet6' : 'inet' },
        { ...filter, zone: ((made.zone ?? 0) + 1) & 0xffff },
        { ...filter, mark: ((made.mark ?? 0) ^ 1) >>> 0, markMask: (mask | 1) >>> 0 },
      ]
      const { sport } = made.orig
      if (sport !== undefined) others.push({ ...filter, orig: { ...filter.orig, sport: sport ^ 1 } })
      for (const other of others) expect(matches(other, made)).toBe(false)
    }),
    { numRuns: 500 },
  )
})

/** A filter whose parts are of two families is refused: it finds nothing either. */
function matches(filter: ConntrackFilter, entry: Conntrack): boolean {
  try {
    return new ConntrackMatcher(filter, 'list').matches(entry)
  } catch {
    return false
  }
}
