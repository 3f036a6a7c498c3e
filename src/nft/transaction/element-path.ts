/** The caller's name for an element of a message. */
import type { SetElementInput } from '../../../protocol/netfilter/nftables/element.ts'
import { equalBytes } from '../../../protocol/wire/bytes.ts'
import { isFields } from '../../../protocol/wire/codec.ts'
import { compileElements } from '../compile/elements.ts'
import type { Names } from '../datatype.ts'
import type { SetDefinition } from '../objects/set-definition.ts'
import type { ElementJson } from '../ruleset-json.ts'

/** Which of the elements it is: intervals are several in the kernel, and messages hold but a part of them. `sent` is the message. */
export function elementPath(
  definition: SetDefinition | undefined,
  elements: readonly ElementJson[],
  path: string,
  sent: unknown,
  names: Names,
): string {
  const [, place] = /^elements\[(\d+)\]/.exec(path) ?? []
  if (place === undefined || definition === undefined) return path
  const list = isFields(sent) && Array.isArray(sent.elements) ? (sent.elements as readonly SetElementInput[]) : []
  const key = list[Number(place)]?.key?.value
  const made = (element: ElementJson): boolean =>
    compileElements(definition, [element], { first: false, names }).some(
      (each) => key !== undefined && each.key?.value !== undefined && equalBytes(each.key.value, key),
    )
  const index = elements.findIndex(made)
  return index < 0 ? 'elements' : `elements[${index}]`
}
