import { describe } from 'vitest'
import { bridgePort } from '../../../../../protocol/route/link/ports/bridge.ts'
import { rows } from '../../rows.ts'

describe('bridgePort', () => {
  rows(bridgePort, [
    { fixture: 'bridge/link/bridge-link-set-dev-veth0-priority-5', hex: '0600020005000000', value: { priority: 5 } },
    {
      fixture: 'made here: state, switches, the router port',
      hex: '0500010003000000 0500040001000000 0500080000000000 0500190002000000',
      value: { state: 'forwarding', mode: true, learning: false, multicastRouter: 'perm' },
    },
  ])
})
