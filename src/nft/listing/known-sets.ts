/** The sets of a ruleset with their elements, as they were listed. */
import type { SetElement } from '../../../protocol/netfilter/nftables/element.ts'
import type { SetMessage } from '../../../protocol/netfilter/nftables/set.ts'
import type { CallControl } from '../../client.ts'
import type { Netlink } from '../../netlink.ts'
import type { NftFamily } from '../ast.ts'
import type { Names } from '../datatype.ts'
import { holdsDevices } from '../local-names.ts'
import { familyOf } from '../names.ts'
import { definitionOf, type SetDefinition } from '../objects/set-definition.ts'
import { type NftSet, type NftSetWithElements, toSet } from '../objects/set-object.ts'
import { listElements, listSets, type NftFilter } from './listing.ts'

/** So many sets' elements are read at a time: each takes a socket. */
const AT_A_TIME = 8

interface Known extends NftSetWithElements {
  readonly anonymous: boolean
  definition?: SetDefinition
}

export class KnownSets {
  static none(): KnownSets {
    return new KnownSets([])
  }

  readonly #sets = new Map<string, Known>()
  /** For decompiling: names of devices, where they are needed. */
  names: Names = {}

  private constructor(sets: readonly NftSetWithElements[]) {
    for (const set of sets) {
      const { message, name } = set
      const anonymous = message.flags?.includes('anonymous') === true
      this.#sets.set(keyOf(familyOf(message.header), message.table, name), { ...set, anonymous })
    }
  }

  static async read(netlink: Netlink, filter: NftFilter): Promise<KnownSets> {
    const { signal, deadline } = filter
    const messages = await listSets(netlink, filter)
    const elements: (readonly SetElement[])[] = []
    const next = messages.keys()
    const reader = async (): Promise<void> => {
      // One iterator for all: each takes the next that nobody has.
      for (const i of next) {
        const message = messages[i]
        if (message !== undefined) elements[i] = await readRaw(netlink, message, { signal, deadline })
      }
    }
    await Promise.all(Array.from({ length: Math.min(AT_A_TIME, messages.length) }, reader))
    return new KnownSets(
      messages.map((message, i) => ({ name: message.name ?? '', message, elements: elements[i] ?? [] })),
    )
  }

  /** The anonymous set of this name; undefined where it is not one. */
  anonymous(family: NftFamily, table: string, name: string): NftSetWithElements | undefined {
    const found = this.#sets.get(keyOf(family, table, name))
    return found?.anonymous === true ? { name, message: found.message, elements: found.elements } : undefined
  }

  /** What decompiling needs of a set. */
  decoded(
    family: NftFamily,
    table: string,
    name: string,
  ): { definition: SetDefinition; elements: readonly SetElement[] } | undefined {
    const found = this.#sets.get(keyOf(family, table, name))
    if (found === undefined) return undefined
    found.definition ??= definitionOf(found.message)
    return { definition: found.definition, elements: found.elements }
  }

  /** Whether any of them has devices in it. */
  get holdDevices(): boolean {
    return [...this.#sets.values()].some(({ message }) => holdsDevices(definitionOf(message)))
  }

  /** Those that are not a rule's own. */
  named(): NftSet[] {
    return [...this.#sets.values()].flatMap(({ anonymous, message, elements }) =>
      anonymous ? [] : (toSet(message, elements, this.names) ?? []),
    )
  }
}

const keyOf = (family: NftFamily | undefined, table: string | undefined, name: string): string =>
  `${family} ${table} ${name}`

async function readRaw(netlink: Netlink, message: SetMessage, control: CallControl): Promise<SetElement[]> {
  const { header, table = '', name = '' } = message
  const lists = await listElements(netlink, { family: familyOf(header), table, name }, control)
  return lists.length === 1 && lists[0] !== undefined ? lists[0] : lists.flat()
}
