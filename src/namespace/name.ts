/** What may be a namespace's name or place, and what may be a sysctl's name: they become paths, so they are checked before anything is done. */
import { isFields, show } from '../../protocol/wire/codec.ts'
import { invalid } from '../error.ts'
import { checkInteger, checkText } from '../input.ts'
import type { NamespacePlace } from './host.ts'

/** NAME_MAX of linux/limits.h, in bytes. */
const nameMax = 255

/** Throws NetlinkError EINVAL, path 'name', unless `name` is a single file name that `ip netns` takes too. */
export function checkName(operation: string, name: unknown): asserts name is string {
  if (typeof name === 'string' && isFileName(name)) return
  const allowed = `must be a file name, 1..${nameMax} bytes without '/' and NUL and not '.' or '..'`
  throw invalid(operation, 'name', `${allowed}, got ${show(name)}`)
}

/** iproute2's own rule (ip/ipnetns.c, invalid_name): no '/', not '.' and not '..', at most NAME_MAX bytes. */
const isFileName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name) && Buffer.byteLength(name) <= nameMax

/** Throws NetlinkError EINVAL, path 'pid'. */
export function checkPid(operation: string, pid: unknown): asserts pid is number {
  checkInteger(operation, 'pid', pid, 1, 2 ** 31 - 1)
}

const places = ['name', 'path', 'pid', 'fd', 'current'] as const

/** The place without what is undefined in it. Throws NetlinkError EINVAL, path the property or 'place', unless it is exactly one. */
export function checkPlace(operation: string, given: unknown): NamespacePlace {
  const place = isFields(given) ? given : {}
  const [key, ...more] = places.filter((each) => place[each] !== undefined)
  if (key === undefined || more.length > 0) {
    const got = isFields(given) && key !== undefined ? [key, ...more].join(' and ') : show(given)
    throw invalid(operation, 'place', `must be a name, or an object with one of ${places.join(', ')}, got ${got}`)
  }
  const { name, path, pid, fd, current } = place
  switch (key) {
    case 'name':
      checkName(operation, name)
      return { name }
    case 'path':
      checkText(operation, 'path', path)
      return { path }
    case 'pid':
      checkPid(operation, pid)
      return { pid }
    case 'fd':
      checkInteger(operation, 'fd', fd, 0, 2 ** 31 - 1)
      return { fd }
    case 'current':
      if (current !== true) throw invalid(operation, 'current', `must be true, got ${show(current)}`)
      return { current }
  }
}

/**
 * The file below /proc/sys of a sysctl's name, as sysctl(8) reads it: the first separator in the name is the separator, and the
 * other one of '.' and '/' is then a literal which stands for it. So an interface with a dot is
 * 'net.ipv4.conf.eth0/100.forwarding' or 'net/ipv4/conf/eth0.100/forwarding'.
 *
 * Throws NetlinkError EINVAL, path 'name', for anything outside /proc/sys/net: the rest of sysctl belongs to the whole machine.
 */
export function sysctlPath(operation: string, name: string): string {
  const path = typeof name === 'string' && !name.includes('\0') ? sysctlParts(name) : []
  if (path[0] === 'net' && path.length > 1) return `/proc/sys/${path.join('/')}`
  const allowed = "must be the name of a sysctl below 'net.' (no others belong to a network namespace)"
  throw invalid(operation, 'name', `${allowed}, got ${show(name)}`)
}

/** Empty where they are no path that leads straight down. */
function sysctlParts(name: string): string[] {
  const dotted = /[./]/.exec(name)?.[0] === '.'
  const parts = name.split(dotted ? '.' : '/').map((part) => (dotted ? part.replaceAll('/', '.') : part))
  return parts.some((part) => part === '' || part === '.' || part === '..') ? [] : parts
}
