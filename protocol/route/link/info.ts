/** IFLA_LINKINFO: a link's kind and its data, and those of the device it is enslaved to. One line adds a kind. */
import { attribute, attributes } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { bytes, string } from '../../wire/leaf.ts'
import { selected } from '../../wire/selected.ts'
import { bridge } from './kinds/bridge.ts'
import { tun } from './kinds/tun.ts'
import { veth } from './kinds/veth.ts'
import { bridgePort } from './ports/bridge.ts'

export const linkinfo = attributes('rt-link/linkinfo-attrs', () => ({
  kind: attribute('IFLA_INFO_KIND', 1, string()),
  data: attribute('IFLA_INFO_DATA', 2, selected('kind', { bridge, tun, veth })),
  xstats: attribute('IFLA_INFO_XSTATS', 3, bytes(), { readOnly: true }),
  slaveKind: attribute('IFLA_INFO_SLAVE_KIND', 4, string()),
  slaveData: attribute('IFLA_INFO_SLAVE_DATA', 5, selected('slaveKind', { bridge: bridgePort })),
}))
export interface LinkInfo extends Infer<typeof linkinfo> {}
export interface LinkInfoInput extends Input<typeof linkinfo> {}
