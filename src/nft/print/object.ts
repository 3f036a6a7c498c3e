/** Stateful objects in nft's syntax: counters, quotas, limits, helpers, timeouts and expectations of conntrack, synproxies, secmarks. */

import type { NftObjectKind, NftObjects } from '../ruleset-json.ts'
import { printCounter, printLimit, printQuota } from './stateful.ts'
import { name, quote, time } from './value.ts'

const printers: { readonly [K in NftObjectKind]: (object: NftObjects[K]) => string[] } = {
  counter: (counter) => [printCounter(counter)],
  quota: ({ bytes, used, inv }) => {
    const [val, val_unit] = dataUnit(bytes)
    const [spent, used_unit] = dataUnit(used)
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

/** Bytes in the largest unit that they are a whole number of. */
export function dataUnit(bytes: number): [number, 'bytes' | 'kbytes' | 'mbytes'] {
  if (bytes === 0 || bytes % 1024 !== 0) return [bytes, 'bytes']
  return bytes % 1_048_576 === 0 ? [bytes / 1_048_576, 'mbytes'] : [bytes / 1024, 'kbytes']
}

export const objectKinds = Object.keys(printers) as NftObjectKind[] // the mapped type's keys

export function printObject<K extends NftObjectKind>(kind: K, object: NftObjects[K]): string[] {
  const comment = object.comment === undefined ? [] : [`\tcomment ${quote(object.comment)}`]
  return [`${kind} ${name(object.name)} {`, ...comment, ...printers[kind](object).map((line) => `\t${line}`), '}']
}
