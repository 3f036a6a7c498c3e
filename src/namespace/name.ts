/** What may be a namespace's name, and what may be a sysctl's: both become paths, so both are checked before anything is done. */
import { invalid } from '../error.ts'

/** NAME_MAX of linux/limits.h, in bytes. */
const nameMax = 255

/** Throws NetlinkError EINVAL, path 'name', unless `name` is a single file name that `ip netns` takes too. */
export function checkName(operation: string, name: string): void {
  const reason = nameFault(name)
  if (reason !== undefined) throw invalid(operation, 'name', `${JSON.stringify(name)} ${reason}`)
}

/** iproute2's own rule (ip/ipnetns.c, invalid_name): no '/', not '.' and not '..', at most NAME_MAX bytes. */
function nameFault(name: string): string | undefined {
  if (typeof name !== 'string') return 'is not a string'
  if (name === '') return 'is empty'
  if (name === '.' || name === '..') return 'is a directory'
  if (name.includes('/')) return "holds a '/'"
  if (name.includes('\0')) return 'holds a NUL'
  if (Buffer.byteLength(name) > nameMax) return `is longer than ${nameMax} bytes`
  return undefined
}

/**
 * The file below /proc/sys of a sysctl's name, as sysctl(8) reads it: the first separator in the name is the separator, and the
 * other one of '.' and '/' is then a literal which stands for it. So an interface with a dot is
 * 'net.ipv4.conf.eth0/100.forwarding' or 'net/ipv4/conf/eth0.100/forwarding'.
 *
 * Throws NetlinkError EINVAL, path 'name', for anything outside /proc/sys/net: the rest of sysctl belongs to the whole machine.
 */
export function sysctlPath(operation: string, name: string): string {
  const fault = (reason: string) => invalid(operation, 'name', `${JSON.stringify(name)} ${reason}`)
  if (typeof name !== 'string' || name === '') throw fault('is not the name of a sysctl')
  if (name.includes('\0')) throw fault('holds a NUL')
  const dotted = /[./]/.exec(name)?.[0] === '.'
  const parts = name.split(dotted ? '.' : '/').map((part) => (dotted ? part.replaceAll('/', '.') : part))
  if (parts.some((part) => part === '' || part === '.' || part === '..')) throw fault('is not the name of a sysctl')
  if (parts[0] !== 'net' || parts.length < 2) throw fault("is outside 'net.': only those belong to a network namespace")
  return `/proc/sys/${parts.join('/')}`
}
