import { describe, expect, test } from 'vitest'
import { addressMessage } from '../../../protocol/route/address.ts'
import { refusal, rows } from './rows.ts'

describe('addressMessage', () => {
  rows(addressMessage, [
    {
      fixture: 'addr/ipv4/ip-addr-add-192-0-2-3-24-brd-dev-veth0',
      hex: '0218000003000000 08000200c0000203 08000100c0000203 08000400c0000200',
      value: {
        header: { family: 'inet', prefixlen: 24, flags: [], scope: 'universe', index: 3 },
        local: '192.0.2.3',
        address: '192.0.2.3',
        broadcast: '192.0.2.0',
      },
    },
  ])

  test('names the property at fault', () => {
    expect(refusal(addressMessage, { local: '192.0.2.300' })).toBe("local: must be an IP address, got '192.0.2.300'")
    expect(refusal(addressMessage, { header: { scope: 'far' } })).toMatch(/^header\.scope: must be one of universe, /)
  })
})
