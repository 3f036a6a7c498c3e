/** IFLA_LINKINFO: a link's kind and its data, and those of the device it is enslaved to. One line adds a kind. */
import { attribute, attributes } from '../../wire/attributes.ts'
import { bytes, string } from '../../wire/leaf.ts'
import { selected } from '../../wire/selected.ts'
import { veth } from './kinds/veth.ts'

export const linkinfo = attributes('rt-link/linkinfo-attrs', {
  kind: attribute('IFLA_INFO_KIND', 1, string()),
  data: attribute('IFLA_INFO_DATA', 2, selected('kind', { veth })),
  xstats: attribute('IFLA_INFO_XSTATS', 3, bytes(), { readOnly: true }),
  slaveKind: attribute('IFLA_INFO_SLAVE_KIND', 4, string()),
  slaveData: attribute('IFLA_INFO_SLAVE_DATA', 5, selected('slaveKind', {})),
})
