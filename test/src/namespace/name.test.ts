import { describe, expect, test } from 'vitest'
import { checkName, checkPlace, sysctlPath } from '../../../src/namespace/name.ts'

const unsent = (path: string) => expect.objectContaining({ code: 'EINVAL', path, outcome: 'unsent' })

describe('names of namespaces', () => {
  test.each(['ns1', 'a.b', '...', '.hidden', 'with space', 'ü', '-x', 'x'.repeat(255)])('%j is one', (name) => {
    expect(checkName('test', name)).toBeUndefined()
  })

  test.each(['', '.', '..', '/', '../x', 'a/b', '/etc/passwd', 'a\0b', 'x'.repeat(256), 'ü'.repeat(128)])(
    '%j is none',
    (name) => {
      expect(() => checkName('test', name)).toThrow(unsent('name'))
    },
  )
})

describe('places', () => {
  test.each([{ name: 'a' }, { path: 'a/b' }, { pid: 1 }, { fd: 0 }, { current: true }])('%j is one', (place) => {
    expect(checkPlace('test', { name: undefined, fd: undefined, ...place })).toEqual(place)
  })

  test.each([
    ['place', {}],
    ['place', { name: 'a', path: 'b' }],
    ['place', { Name: 'a' }],
    ['place', () => 1],
    ['name', { name: '' }],
    ['path', { path: 'a\0' }],
    ['pid', { pid: '1' }],
    ['fd', { fd: -1 }],
    ['current', { current: false }],
  ])('%s: %j', (path, place) => {
    expect(() => checkPlace('test', place)).toThrow(unsent(path))
  })
})

describe('names of sysctls', () => {
  test.each([
    ['net.ipv4.ip_forward', 'net/ipv4/ip_forward'],
    ['net/ipv4/ip_forward', 'net/ipv4/ip_forward'],
    // The first separator decides, as in sysctl(8).
    ['net.ipv4.conf.eth0/100.forwarding', 'net/ipv4/conf/eth0.100/forwarding'],
    ['net/ipv4/conf/eth0.100/forwarding', 'net/ipv4/conf/eth0.100/forwarding'],
    ['net.ipv6.conf.a b.mtu', 'net/ipv6/conf/a b/mtu'],
  ])('%s', (name, path) => {
    expect(sysctlPath('test', name)).toBe(`/proc/sys/${path}`)
  })

  test.each([
    '',
    'net',
    'net.',
    '.net.ipv4',
    '/net/ipv4',
    'net..ipv4',
    'net/../kernel/hostname',
    'net/./ipv4',
    'net//ipv4',
    // In a dotted name a slash stands for a dot: this is the folder '..'.
    'net.//.kernel',
    'net./.ipv4',
    'kernel.hostname',
    'vm/swappiness',
    'net.ipv4.x\0',
  ])('%j is none', (name) => {
    expect(() => sysctlPath('test', name)).toThrow(unsent('name'))
  })
})
