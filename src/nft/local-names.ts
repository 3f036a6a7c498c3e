/** Names that only this machine knows the numbers of: devices of the client's namespace, users and groups. */
import { readFileSync } from 'node:fs'
import type { NftExpression } from '../../protocol/netfilter/nftables/expression.ts'
import { isFields } from '../../protocol/wire/codec.ts'
import type { CallControl } from '../client.ts'
import { NetlinkError } from '../error.ts'
import type { Netlink } from '../netlink.ts'
import type { Names } from './datatype.ts'
import type { SetDefinition } from './objects/set-definition.ts'

/** The index of a device; undefined where there is none of the name. */
export async function askDevice(netlink: Netlink, name: string, control: CallControl): Promise<number | undefined> {
  try {
    return (await netlink.link.get(name, control)).index
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'ENODEV') return undefined
    throw error
  }
}

/** For compiling: `ifindex` says what is known of devices. */
export function localNames(ifindex: (name: string) => number | undefined): Names {
  return { ifindex, uid: (name) => idOf('/etc/passwd', name), gid: (name) => idOf('/etc/group', name) }
}

/** The third field of the line that begins with the name. */
function idOf(file: string, name: string): number | undefined {
  try {
    const line = readFileSync(file, 'utf8')
      .split('\n')
      .find((each) => each.startsWith(`${name}:`))
    return line === undefined ? undefined : Number(line.split(':')[2])
  } catch {
    return undefined
  }
}

/** Names and indexes of all devices. */
export async function deviceNames(netlink: Netlink, control: CallControl): Promise<Names> {
  const links = await netlink.link.list(control)
  const names = new Map(links.map(({ index, name }) => [index, name]))
  const indexes = new Map(links.map(({ index, name }) => [name, index]))
  return { ifname: (index) => names.get(index), ifindex: (name) => indexes.get(name) }
}

/** Whether it loads or compares the index of a device: `iif`, `oif`, `fib ... oif`. */
export function usesDevice({ name, data }: NftExpression): boolean {
  if (name === 'fib') return true
  return name === 'meta' && isFields(data) && (data.key === 'iif' || data.key === 'oif' || data.key === 'sdif')
}

export function holdsDevices({ key, data }: SetDefinition): boolean {
  const parts = typeof data === 'object' && !('object' in data) ? [...key, ...data] : key
  return parts.some(({ type }) => type.name === 'iface_index')
}
