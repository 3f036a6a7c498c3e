/** Families and names: nft's words, the kernel's numbers, and the checks that all objects share. */
import { EncodeError, show } from '../../protocol/wire/codec.ts'
import type { NftFamily } from './ast.ts'

/** 'inet filter input': what a command is about, as far as its input says it in words. */
export function inWords(...parts: readonly unknown[]): string {
  return parts.filter((part) => typeof part === 'string').join(' ')
}

/** NFPROTO_* as the schema names it. */
export type KernelFamily = 'unspec' | 'inet' | 'ipv4' | 'arp' | 'netdev' | 'bridge' | 'ipv6'

const kernelFamilies = {
  ip: 'ipv4',
  ip6: 'ipv6',
  inet: 'inet',
  arp: 'arp',
  bridge: 'bridge',
  netdev: 'netdev',
} as const satisfies Record<NftFamily, KernelFamily>

/** nft's words for them. */
export const allFamilies = Object.keys(kernelFamilies) as readonly NftFamily[] // its own keys

const families = new Map<unknown, NftFamily>(
  Object.entries(kernelFamilies).map(([family, kernel]) => [kernel, family as NftFamily]),
)

/** The fixed part of a message; one of each, as ten thousand rules share theirs. */
const headers = new Map<unknown, { family: KernelFamily }>(
  Object.entries(kernelFamilies).map(([family, kernel]) => [family, { family: kernel }]),
)
const anyFamily: { family: KernelFamily } = { family: 'unspec' }

/** Where an object is, as far as callers say it: without a family it is 'ip', as in nft. */
export interface InFamily {
  readonly family?: NftFamily | undefined
}

/** nft's default. */
export const DEFAULT_FAMILY = 'ip'

/** The header of a message about an object of this family. */
export function headerOf(family: NftFamily | undefined): { family: KernelFamily } {
  const header = headers.get(family === undefined ? DEFAULT_FAMILY : family)
  if (header === undefined)
    throw new EncodeError(`must be one of ${Object.keys(kernelFamilies).join(', ')}, got ${show(family)}`, 'family')
  return header
}

/** The same of a question: without a family it is about all of them. */
export function filterHeader(family: NftFamily | undefined): { family: KernelFamily } {
  return family === undefined ? anyFamily : headerOf(family)
}

/** The family of a message that the kernel sent; undefined where no nft knows it. */
export function familyOf(header: { family: unknown }): NftFamily | undefined {
  return families.get(header.family)
}

/** NFT_NAME_MAXLEN, with the NUL. */
const NAME_MAX = 256
/** IFNAMSIZ, with the NUL. */
const DEVICE_MAX = 16
/** NFTNL_UDATA_COMMENT_MAXLEN: nft takes no longer ones. */
const COMMENT_MAX = 128

const encoder = new TextEncoder()
/** Names that have been looked at: thousands of rules have the same few. */
let checked = new Set<string>()

/** A name of a table, chain, set, object or flowtable. */
export function checkName(name: unknown, path: string): string {
  if (typeof name === 'string' && checked.has(name)) return name
  const text = checkText(name, path, NAME_MAX)
  if (checked.size > 1000) checked = new Set()
  checked.add(text)
  return text
}

/** A name of a set or map. '%d' has the kernel choose a number, which only anonymous sets want. */
export function checkSetName(name: unknown, path: string): string {
  const text = checkName(name, path)
  if (text.includes('%')) throw new EncodeError(`must not contain '%', got ${show(name)}`, path)
  return text
}

export function checkDeviceName(name: unknown, path: string): string {
  return checkText(name, path, DEVICE_MAX)
}

export function checkComment(comment: unknown, path = 'comment'): string {
  if (typeof comment !== 'string') throw new EncodeError(`must be a string, got ${show(comment)}`, path)
  if (comment.includes('\0')) throw new EncodeError('must not contain NUL', path)
  if (encoder.encode(comment).length > COMMENT_MAX)
    throw new EncodeError(`must not be longer than ${COMMENT_MAX} bytes`, path)
  return comment
}

function checkText(name: unknown, path: string, max: number): string {
  if (typeof name !== 'string') throw new EncodeError(`must be a name, got ${show(name)}`, path)
  if (name === '') throw new EncodeError('must not be empty', path)
  if (name.includes('\0')) throw new EncodeError('must not contain NUL', path)
  if (name.length >= max / 4 && encoder.encode(name).length >= max)
    throw new EncodeError(`must be shorter than ${max} bytes`, path)
  return name
}

/** A handle, which the kernel counts up from 1 in each table. */
export function checkHandle(handle: unknown, path = 'handle'): bigint {
  if (typeof handle !== 'number' || !Number.isSafeInteger(handle) || handle < 1)
    throw new EncodeError(`must be a positive integer, got ${show(handle)}`, path)
  return BigInt(handle)
}

export function checkInteger(value: unknown, min: number, max: number, path: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
    throw new EncodeError(`must be an integer ${min}..${max}, got ${show(value)}`, path)
  return value
}

/** undefined: no. */
export function checkSwitch(value: unknown, path: string): boolean {
  if (value === undefined || typeof value === 'boolean') return value === true
  throw new EncodeError(`must be true or false, got ${show(value)}`, path)
}

/** The flags of limits, quotas and counts, which are inverted by `over`. */
export const inverted = (inv: unknown): 'inv'[] => (checkSwitch(inv, 'inv') ? ['inv'] : [])

export function checkArray(given: unknown, path: string): void {
  if (!Array.isArray(given)) throw new EncodeError(`must be an array, got ${show(given)}`, path)
}

/** Bits of NFTA_*_FLAGS by their names; the kernel's other bits are left to it. */
export function checkFlags<F extends string>(
  given: readonly unknown[],
  allowed: readonly F[],
  path = 'flags',
): readonly F[] {
  checkArray(given, path)
  for (const [i, flag] of given.entries())
    if (!allowed.includes(flag as F))
      throw new EncodeError(`must be one of ${allowed.join(', ')}, got ${show(flag)}`, `${path}[${i}]`)
  return given as readonly F[]
}

/** Something in a table, by name or handle. */
export interface NftNamedRef extends InFamily {
  table: string
  name?: string | undefined
  handle?: number | undefined
}

/** What a message says of something in a table that is there already: its handle, or its name. */
export function namedRef({ family, table, name, handle }: NftNamedRef) {
  const where = { header: headerOf(family), table: checkName(table, 'table') }
  return handle === undefined ? { ...where, name: checkName(name, 'name') } : { ...where, handle: checkHandle(handle) }
}
