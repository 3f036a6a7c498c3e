/** Sets as `nft -j` has them. */
import { expect, test } from 'vitest'
import { setJson } from '../../../src/nft/objects/set-object.ts'

test('types of keys are a list, those of values one word', () => {
  const map = {
    family: 'ip',
    table: 't',
    name: 'm',
    handle: 1,
    type: ['ipv4_addr', 'inet_service'],
    map: ['ipv4_addr', 'inet_service'],
    elements: [],
  } as const
  expect(setJson({ ...map, type: [...map.type], map: [...map.map], elements: [] })).toEqual({
    map: { family: 'ip', table: 't', name: 'm', handle: 1, type: map.type, map: 'ipv4_addr . inet_service' },
  })
})
