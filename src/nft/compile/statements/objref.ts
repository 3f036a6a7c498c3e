/** Named objects: counters, quotas, limits, conntrack helpers, timeouts and expectations, synproxies, secmarks; by name or out of a map. */
import { EncodeError, isFields, within } from '../../../../protocol/wire/codec.ts'
import type { Expr, MapExpr } from '../../ast.ts'
import type { ObjectType } from '../../object-kinds.ts'
import type { Draft } from '../draft.ts'
import { registerNumber } from '../registers.ts'
import { objectMap } from '../sets.ts'

const isMap = (value: unknown): value is MapExpr => isFields(value) && 'map' in value

export function objref(draft: Draft, immType: ObjectType, reference: Expr): void {
  if (typeof reference === 'string') {
    if (reference === '') throw new EncodeError('must be the name of an object')
    draft.add('objref', { immType, immName: reference })
    return
  }
  if (!isMap(reference)) throw new EncodeError('must be the name of an object, or a map of names')
  const { map } = reference
  within('map', () => {
    const { key, set } = objectMap(draft, map, immType)
    draft.withRegister(key, (index) => {
      draft.load(key, index)
      const { set: setName, setId } = set
      draft.add('objref', { setSreg: registerNumber(index), setName, ...(setId !== undefined && { setId }) })
    })
  })
}
