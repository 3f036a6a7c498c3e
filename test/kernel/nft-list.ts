/** What nft says of a namespace, and rulesets loaded into one. */
import type { Namespace } from '../../src/index.ts'
import type { NftJson } from '../../src/nft/ruleset-json.ts'

/** Loads a ruleset by `nft -f`. */
export async function load(ns: Namespace, text: string): Promise<void> {
  await ns.exec('nft', ['-f', '-'], { input: text, sysfs: false })
}

/** Table by table: without rights on the machine nft's own send buffer holds no more. */
export async function loadTables(ns: Namespace, text: string): Promise<void> {
  for (const table of text.split(/^(?=table )/m)) await load(ns, table)
}

/** `nft list ruleset` */
export async function text(ns: Namespace): Promise<string> {
  return (await ns.exec('nft', ['list', 'ruleset'], { sysfs: false, stripFinalNewline: false })).stdout
}

/** `nft -j list ruleset`, without what is nft's own. nft 1.0.6 leaves out the device of a chain: here it is always lo. */
export async function listed(ns: Namespace): Promise<NftJson[]> {
  const { stdout } = await ns.exec('nft', ['-j', 'list', 'ruleset'], { sysfs: false })
  const { nftables } = JSON.parse(stdout) as { nftables: (NftJson & { metainfo?: unknown })[] }
  return nftables.flatMap((object) => {
    if ('metainfo' in object) return []
    const onDevice = 'chain' in object && object.chain.hook !== undefined && object.chain.family === 'netdev'
    return [onDevice ? { chain: { ...object.chain, dev: 'lo' } } : object]
  })
}

/** Without what is not the ruleset's: the time that is left, the kernel's handles, the order in which a hash table has its elements. */
export function steady(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(steady)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).flatMap(([key, part]) => steadyPart(key, steady(part))))
}

function steadyPart(key: string, part: unknown): [string, unknown][] {
  if (key === 'handle' || key === 'expires') return []
  const elements = (key === 'set' || key === 'elem') && Array.isArray(part)
  return [[key, elements ? part.map((one) => JSON.stringify(one)).sort() : part]]
}
