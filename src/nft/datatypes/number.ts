/** Numbers of this machine: marks, interface indexes, users, groups, realms, traffic classes, labels, control groups. All in host order. */
import { EncodeError, show } from '../../../protocol/wire/codec.ts'
import type { Immediate } from '../ast.ts'
import { type DataType, fitting, type Names, numeric, parseInteger, plain, single } from '../datatype.ts'
import { bytesOf, integerOf, numberOf } from './bits.ts'

export const mark = numeric({ name: 'mark', id: 19, size: 32, byteorder: 'host', hex: 8 })

interface Named<S extends string> {
  readonly name: S
  readonly id: number
  /** 'an interface', for errors. */
  readonly what: string
  /** Who knows the names: property of Names, for errors. */
  find(name: string, names: Names): number | undefined
  show?(number: number, names: Names): string | undefined
  /** JSON has strings even of numbers: nft's output functions differ. */
  readonly words?: boolean
}

const nobody: Names = {}

/** Numbers whose names only the machine knows. */
function named<const S extends string>(declared: Named<S>): DataType<number | string, S> {
  const find = (word: Immediate, names: Names): bigint | undefined => {
    const number = parseInteger(word)
    if (number !== undefined || typeof word !== 'string') return number
    const found = declared.find(word, names)
    return found === undefined ? undefined : BigInt(found)
  }
  const nameOf = (bytes: Uint8Array, names: Names): string | undefined =>
    declared.show?.(numberOf(bytes, 'host'), names)
  return {
    name: declared.name,
    id: declared.id,
    size: 32,
    byteorder: 'host',
    parse(value, _bits, names = nobody) {
      const number = find(single(value), names)
      if (number === undefined) throw new EncodeError(`must be ${declared.what}, got ${show(value)}`)
      return bytesOf(fitting(number, 32), 32, 'host')
    },
    format(bytes, names = nobody) {
      const number = numberOf(bytes, 'host')
      return nameOf(bytes, names) ?? (declared.words ? String(number) : number)
    },
    text(bytes, names = nobody) {
      const name = nameOf(bytes, names)
      return name === undefined ? String(numberOf(bytes, 'host')) : `"${name}"`
    },
  }
}

/** 'lo' needs `Names.ifindex` to be parsed and `Names.ifname` to be printed. */
export const iface_index = named({
  name: 'iface_index',
  id: 20,
  what: 'an interface that exists, or its index',
  find: (name, names) => names.ifindex?.(name),
  show: (index, names) => names.ifname?.(index),
  words: true,
})

export const realm = named({
  name: 'realm',
  id: 22,
  what: 'a realm of /etc/iproute2/rt_realms, or its number',
  find: (name, names) => (name === 'cosmos' ? 0 : names.realm?.(name)),
  show: (number, names) => (number === 0 ? 'cosmos' : names.realmName?.(number)),
  words: true,
})

export const devgroup = named({
  name: 'devgroup',
  id: 35,
  what: 'a group of /etc/iproute2/group, or its number',
  find: (name, names) => (name === 'default' ? 0 : names.devgroup?.(name)),
  show: (number, names) => (number === 0 ? 'default' : names.devgroupName?.(number)),
})

/** nft prints numbers. */
export const uid = named({
  name: 'uid',
  id: 24,
  what: 'a user that exists, or its number',
  find: (name, names) => (name === 'root' ? 0 : names.uid?.(name)),
})

export const gid = named({
  name: 'gid',
  id: 25,
  what: 'a group that exists, or its number',
  find: (name, names) => (name === 'root' ? 0 : names.gid?.(name)),
})

function parseClass(word: Immediate): bigint | undefined {
  if (word === 'none') return 0n
  if (word === 'root') return 0xffffffffn
  const handle = typeof word === 'string' ? /^([0-9a-f]{0,4}):([0-9a-f]{0,4})$/i.exec(word) : null
  if (!handle) return parseInteger(word)
  return (BigInt(`0x${handle[1] || '0'}`) << 16n) | BigInt(`0x${handle[2] || '0'}`)
}

function formatClass(bytes: Uint8Array): string {
  const number = numberOf(bytes, 'host')
  if (number === 0) return 'none'
  if (number === 0xffffffff) return 'root'
  return `${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}`
}

/** A class of traffic control, '1:2' in hexadecimal. */
export const classid: DataType<string | number, 'classid'> = {
  name: 'classid',
  id: 23,
  size: 32,
  byteorder: 'host',
  parse(value) {
    const number = parseClass(single(value))
    if (number === undefined) throw new EncodeError(`must be a class like 1:2, none or root, got ${show(value)}`)
    return bytesOf(fitting(number, 32), 32, 'host')
  },
  format: formatClass,
  text: formatClass,
}

/** Bits of a connection's label, each by its number from 0 to 127 or by name. */
export const ct_label: DataType<number | string, 'ct_label'> & { readonly bitmask: true } = {
  name: 'ct_label',
  id: 30,
  size: 128,
  byteorder: 'host',
  bitmask: true,
  parse(value, _bits, names) {
    let all = 0n
    for (const word of Array.isArray(value) ? value : [value]) {
      const bit = typeof word === 'string' ? (names?.label?.(word) ?? parseInteger(word)) : parseInteger(word)
      if (bit === undefined || bit > 127 || bit < 0)
        throw new EncodeError(`must be a label of /etc/connlabel.conf, or its bit from 0 to 127, got ${show(word)}`)
      all |= 1n << BigInt(bit)
    }
    return bytesOf(all, 128, 'host')
  },
  format(bytes, names) {
    const list = labels(bytes, names)
    return list.length === 1 ? (list[0] as number | string) : list
  },
  text: (bytes, names) =>
    labels(bytes, names)
      .map((label) => (typeof label === 'string' ? `"${label}"` : label))
      .join(','),
}

function labels(bytes: Uint8Array, names: Names | undefined): (number | string)[] {
  const value = integerOf(bytes, 'host')
  const list: (number | string)[] = []
  for (let bit = 0; bit < 128; bit++) {
    if (((value >> BigInt(bit)) & 1n) !== 0n) list.push(names?.labelName?.(bit) ?? bit)
  }
  return list
}

/** A control group: its inode, or with `Names.cgroup` its path below /sys/fs/cgroup. */
export const cgroupsv2: DataType<number | string, 'cgroupsv2'> = {
  name: 'cgroupsv2',
  id: 46,
  size: 64,
  byteorder: 'host',
  parse(value, _bits, names) {
    const word = single(value)
    const id = (typeof word === 'string' ? names?.cgroup?.(word) : undefined) ?? parseInteger(word)
    if (id === undefined)
      throw new EncodeError(`must be a control group that exists, or its number, got ${show(value)}`)
    return bytesOf(fitting(id, 64), 64, 'host')
  },
  format(bytes, names) {
    const id = integerOf(bytes, 'host')
    return names?.cgroupPath?.(id) ?? plain(id)
  },
  text(bytes, names) {
    const id = integerOf(bytes, 'host')
    return `"${names?.cgroupPath?.(id) ?? id}"`
  },
}
