/** nl.nat on a fake kernel: whatever valid rule goes there comes back as the same, and whatever the kernel answers there is an end. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NFT_MSG_NEWRULE } from '../../protocol/netfilter/nftables/operations.ts'
import { formatIp } from '../../protocol/wire/address.ts'
import { source } from '../../protocol/wire/bytes.ts'
import { Conversation } from '../../src/conversation.ts'
import { NetlinkError } from '../../src/error.ts'
import { defaultName, defineForward, defineMasquerade, defineRedirect, defineSnat } from '../../src/nat/define.ts'
import type { NatDefinition, NatFamily } from '../../src/nat/rule.ts'
import { type ChainRule, fromRules, type NatChain, toRules } from '../../src/nat/statements.ts'
import { decompileRule } from '../../src/nft/decompile/rule.ts'
import { NftBatch } from '../../src/nft/transaction/batch.ts'
import { run } from '../../src/nft/transaction/run.ts'
import { FakeKernel, type Handler } from './fake-kernel.ts'

const bytes = (family: NatFamily): fc.Arbitrary<Uint8Array> => {
  const length = family === 'ip' ? 4 : 16
  return fc.uint8Array({ minLength: length, maxLength: length })
}
const address = (family: NatFamily): fc.Arbitrary<string> => bytes(family).map((each) => formatIp(each))
/** '10.0.0.1-10.0.0.9' */
const addresses = (family: NatFamily): fc.Arbitrary<string> =>
  fc
    .tuple(bytes(family), bytes(family))
    .map((pair) => pair.sort(Buffer.compare).map((each) => formatIp(each)))
    .filter(([first, last]) => first !== last)
    .map((pair) => pair.join('-'))
const network = (family: NatFamily): fc.Arbitrary<string> =>
  fc.oneof(
    address(family),
    fc.tuple(address(family), fc.integer({ min: 1, max: family === 'ip' ? 32 : 128 })).map(([a, n]) => `${a}/${n}`),
  )
/** 'eth*' among them. */
const device = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,12}\*?$/)
const port = fc.integer({ min: 1, max: 65_535 })
const ports = fc.oneof(
  port,
  fc
    .tuple(port, port)
    .filter(([a, b]) => a !== b)
    .map(([a, b]): `${number}-${number}` => `${Math.min(a, b)}-${Math.max(a, b)}`),
)
const protocol = fc.constantFrom('tcp' as const, 'udp' as const, 'sctp' as const)
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

function definitions(family: NatFamily): fc.Arbitrary<NatDefinition> {
  const one = address(family)
  const among = maybe(fc.constant(family))
  const sources = fc
    .record({
      source: maybe(network(family)),
      except: maybe(fc.oneof(network(family), fc.uniqueArray(network(family), { minLength: 1, maxLength: 3 }))),
      out: maybe(device),
      outNot: maybe(device),
      family: among,
    })
    .filter(({ source, out, outNot }) => (source ?? out) !== undefined && (out === undefined || outNot === undefined))
  const target = fc.tuple(one, port).map(([a, p]) => (family === 'ip6' ? `[${a}]:${p}` : `${a}:${p}`))
  const published = {
    protocol,
    on: maybe(fc.oneof(one, device)),
    localhost: family === 'ip' ? maybe(fc.boolean()) : fc.constant(undefined),
    hairpin: maybe(fc.oneof(fc.constant(false as const), network(family))),
  }
  return fc.oneof(
    sources.map((options) => defineMasquerade(options)),
    fc.tuple(sources, fc.oneof(one, addresses(family))).map(([options, to]) => defineSnat({ ...options, to })),
    fc.record({ ...published, port, to: fc.oneof(one, target) }).map((options) => defineForward(options)),
    fc.record({ ...published, port: ports, to: one }).map((options) => defineForward(options)),
    fc
      .record({ protocol, port: ports, to: port, in: maybe(device), on: maybe(one), family: among })
      .map((options) => defineRedirect(options)),
  )
}

const hooks = { prerouting: 'dstnat', output: -100, postrouting: 'srcnat' } as const

function commands(rules: readonly ChainRule[], comment: string): NftBatch['commands'] {
  const batch = new NftBatch()
  const at = { family: 'inet', table: 'netlink-ts' } as const
  batch.table.add({ family: 'inet', name: at.table })
  for (const chain of ['prerouting', 'output', 'postrouting'] as const)
    batch.chain.add({ ...at, name: chain, type: 'nat', hook: chain, priority: hooks[chain] })
  for (const { chain, rule } of rules) batch.rule.add({ ...at, chain, rule, comment })
  return batch.commands
}

async function kernel(handler?: Handler) {
  const fake = new FakeKernel(handler)
  return { fake, conversation: await Conversation.open({ open: fake.open, deadline: 2000 }) }
}
const naming = { operation: 'nft.update', single: false }

describe('random rules', () => {
  test.each(['ip', 'ip6'] as const)('of %s come back as they were sent', async (family) => {
    const { fake, conversation } = await kernel()
    await fc.assert(
      fc.asyncProperty(definitions(family), async (wanted) => {
        const name = defaultName(wanted).slice(0, 100)
        fake.writes.length = 0
        await run(conversation, commands(toRules(wanted), name), {}, naming)
        const made = fake.writes.flat().flatMap(({ type, payload }): ChainRule[] => {
          if (type !== NFT_MSG_NEWRULE.type) return []
          const message = NFT_MSG_NEWRULE.body.decode(source(payload, { strict: true }), 0, payload.length)
          expect(message.userdata).toMatchObject({ comment: name })
          const rule = decompileRule(message.expressions ?? [], { family: 'inet', set: () => undefined, names: {} })
          // One of those above
          return [{ chain: message.chain as NatChain, rule }]
        })
        // That there is to be no hairpin is not seen in rules.
        const { hairpin, ...same } = { hairpin: undefined, ...wanted }
        expect(fromRules(made)).toEqual(hairpin ? { ...same, hairpin } : same)
      }),
      { numRuns: 300 },
    )
    await conversation.close()
  })

  test('what is no rule of nl.nat is none, and never an exception', () => {
    const match = fc.record({
      match: fc.record({ op: fc.constantFrom('==', '!='), left: fc.object({ maxDepth: 3 }), right: fc.anything() }),
    })
    const statement = fc.oneof(fc.object({ maxDepth: 4 }), match, fc.constantFrom({ masquerade: null }, { dnat: {} }))
    const chain = fc.constantFrom<NatChain>('prerouting', 'output', 'postrouting')
    fc.assert(
      fc.property(fc.array(fc.record({ chain, rule: fc.array(statement) })), (rules) => {
        // Junk in the place of statements
        fromRules(rules as unknown as ChainRule[])
      }),
      { numRuns: 500 },
    )
  })
})

test('whatever the kernel answers, a transaction ends: done, or with an error of ours', async () => {
  const batch = commands(toRules(defineMasquerade({ source: '10.0.0.0/8' })), 'x')
  const junk = fc.record({
    replies: fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 }),
    silent: fc.boolean(),
  })
  const refusal = fc.record({ errno: fc.integer({ min: 1, max: 133 }), offset: fc.integer({ min: 0, max: 400 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(junk, refusal), { minLength: 1, maxLength: 8 }), async (answers) => {
      let i = 0
      const { conversation } = await kernel(() => answers[i++ % answers.length] ?? {})
      const result: unknown = await run(conversation, batch, { deadline: 20, echo: true }, naming).catch(
        (error: unknown) => error,
      )
      if (result !== undefined) expect(result).toBeInstanceOf(NetlinkError)
      await conversation.close()
    }),
    { numRuns: 60 },
  )
})
