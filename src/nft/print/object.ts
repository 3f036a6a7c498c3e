/** Stateful objects in nft's syntax: counters, quotas, limits, helpers, timeouts and expectations of conntrack, synproxies, secmarks. */

import type { NftObjectKind, NftObjects } from '../ruleset-json.ts'
import { inByteUnit } from '../units.ts'
import { printCounter, printLimit, printQuota } from './stateful.ts'
import { name, quote, time } from './value.ts'

const printers: { readonly [K in NftObjectKind]: (object: NftObjects[K]) => string[] } = {
  counter: (counter) => [printCounter(counter)],
  quota: ({ bytes, used, inv }) => {
    const [val, val_unit] = inByteUnit(bytes)
    const [spent, used_unit] = inByteUnit(used)
    return [printQuota({ val, val_unit, used: spent, used_unit, inv })]
  },
  limit: (limit) => [printLimit(limit)],
  'ct helper': ({ type, protocol, l3proto }) => [`type ${quote(type)} protocol ${protocol}`, `l3proto ${l3proto}`],
  'ct timeout': ({ protocol, l3proto, policy }) => {
    const states = Object.entries(policy ?? {}).map(([state, seconds]) => `${state} : ${seconds}`)
    const lines = [`protocol ${protocol}`, `l3proto ${l3proto}`]
    return states.length === 0 ? lines : [...lines, `policy = { ${states.join(', ')} }`]
  },
  'ct expectation': ({ protocol, dport, timeout, size, l3proto }) => [
    `protocol ${protocol}`,
    `dport ${dport}`,
    `timeout ${time(timeout / 1000)}`,
    `size ${size}`,
    `l3proto ${l3proto}`,
  ],
  synproxy: ({ mss, wscale, flags }) => {
    const words = ([] as string[]).concat(flags ?? [])
    return [
      ...(mss ? [`mss ${mss}`] : []),
      ...(wscale ? [`wscale ${wscale}`] : []),
      ...(words.length > 0 ? [words.join(' ')] : []),
    ]
  },
  secmark: ({ context }) => [quote(context)],
}

export const objectKinds = Object.keys(printers) as NftObjectKind[] // the mapped type's keys

export function printObject<K extends NftObjectKind>(kind: K, object: NftObjects[K]): string[] {
  const comment = object.comment === undefined ? [] : [`\tcomment ${quote(object.comment)}`]
  return [`${kind} ${name(object.name)} {`, ...comment, ...printers[kind](object).map((line) => `\t${line}`), '}']
}
