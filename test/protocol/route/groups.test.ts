/** The multicast groups against the header of the machine, as far as that goes. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { RTNLGRP, routeGroups } from '../../../protocol/route/groups.ts'

const header = '/usr/include/linux/rtnetlink.h'

test.skipIf(!existsSync(header))('have the numbers of linux/rtnetlink.h', () => {
  const [, list = ''] = /enum rtnetlink_groups \{([^}]*)__RTNLGRP_MAX/.exec(readFileSync(header, 'utf8')) ?? []
  const names = list
    .replace(/^#.*$/gm, '')
    .split(',')
    .map((name) => name.trim())
  const numbers = Object.fromEntries(names.map((name, number) => [name, number]))
  for (const [name, number] of Object.entries(RTNLGRP))
    if (name in numbers) expect([name, numbers[name]]).toEqual([name, number])
  // Nothing is left out but the placeholders.
  const unknown = names.filter((name) => name !== '' && !(name in RTNLGRP))
  expect(unknown).toEqual(['RTNLGRP_NONE', 'RTNLGRP_NOP2', 'RTNLGRP_NOP4'])
})

test('are named in lower case without the prefix', () => {
  expect(routeGroups.get('link')).toBe(1)
  expect(routeGroups.get('ipv4_ifaddr')).toBe(5)
  expect(routeGroups.get('ipv6_acaddr')).toBe(39)
  expect(routeGroups.size).toBe(Object.keys(RTNLGRP).length)
})
