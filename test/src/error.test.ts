import { describe, expect, test } from 'vitest'
import { errnoName, invalid, NetlinkError } from '../../src/error.ts'

describe('NetlinkError', () => {
  test('says what failed, on what, why', () => {
    const error = new NetlinkError({
      code: 'EEXIST',
      operation: 'RTM_NEWLINK',
      subject: 'veth0',
      kernelText: 'File exists',
    })
    expect(error.message).toBe('RTM_NEWLINK veth0: File exists (EEXIST)')
    expect(error.errno).toBe(17)
    expect(error.outcome).toBe('refused')
  })

  test('names the property, and an own check was never sent', () => {
    const error = invalid('link.add', 'data.peer.mtu', 'must be 68..65535')
    expect(error.message).toBe('link.add: data.peer.mtu: must be 68..65535 (EINVAL)')
    expect(error.outcome).toBe('unsent')
  })

  test('errno names cover the kernel-internal one that leaks', () => {
    expect(errnoName(524)).toBe('ENOTSUPP')
    expect(errnoName(11)).toBe('EAGAIN')
  })
})
