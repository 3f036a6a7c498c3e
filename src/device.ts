/** Devices as callers name them, and as the kernel does. */
import { RTM_GETLINK } from '../protocol/route/operations.ts'
import { show } from '../protocol/wire/codec.ts'
import type { Turn } from './client.ts'
import { invalid, NetlinkError } from './error.ts'

/** A device: its name, one of its alternative names, or its index. */
export type Device = string | number

/** IFNAMSIZ and ALTIFNAMSIZ (linux/if.h), with their NUL. */
const IFNAMSIZ = 16
const ALTIFNAMSIZ = 128
/** A link without its statistics is a third shorter. */
export const withoutStats = ['skip_stats'] as const

/**
 * Checks a name that a device is to get, as dev_valid_name() does (net/core/dev.c), and that it is no pattern ('veth%d').
 *
 * @throws NetlinkError code 'EINVAL' with `path`
 */
export function checkName(operation: string, path: string, name: unknown): string {
  const checked = checkIfname(operation, path, name)
  if (checked.includes('%')) throw invalid(operation, path, `must not contain %, got ${show(name)}`)
  return checked
}

/** The name that a device has, no alternative one: of longer ones SO_BINDTODEVICE would take the beginning. */
export function checkIfname(operation: string, path: string, name: unknown): string {
  const fault = nameFault(name, IFNAMSIZ)
  if (fault !== undefined) throw invalid(operation, path, fault)
  return String(name)
}

/** An alternative name: up to 127 bytes. */
export function checkAltname(operation: string, path: string, name: unknown): string {
  const fault = nameFault(name, ALTIFNAMSIZ)
  if (fault !== undefined) throw invalid(operation, path, fault)
  return String(name)
}

function nameFault(name: unknown, size: number): string | undefined {
  if (typeof name !== 'string') return `must be a string, got ${show(name)}`
  const bytes = Buffer.byteLength(name)
  if (bytes === 0 || bytes >= size) return `must be 1..${size - 1} bytes long, '${name.slice(0, 40)}' has ${bytes}`
  if (name === '.' || name === '..') return `must not be '${name}'`
  // isspace(), NUL, and what sysfs and label syntax keep for themselves.
  if (/[\s/:\0]/.test(name)) return `must not contain white space, '/' or ':', got ${show(name)}`
  return undefined
}

/** Checks how a caller names an existing device. */
export function checkDevice(operation: string, path: string, device: unknown): Device {
  if (typeof device === 'number') {
    if (Number.isInteger(device) && device > 0 && device < 2 ** 31) return device
    throw invalid(operation, path, `must be a name or an index from 1 on, got ${show(device)}`)
  }
  return checkAltname(operation, path, device)
}

/** The part of a link message that says which link is meant: the kernel looks names and alternative names up itself. */
export function identify(device: Device): { header?: { index: number }; ifname?: string; altIfname?: string } {
  if (typeof device === 'number') return { header: { index: device } }
  return Buffer.byteLength(device) < IFNAMSIZ ? { ifname: device } : { altIfname: device }
}

/** The index of a device, asked from the kernel where it is given by name. `names` learns what the kernel calls it. */
export async function indexOf(
  ask: Turn['ask'],
  operation: string,
  path: string,
  device: Device,
  names?: Names,
): Promise<number> {
  if (typeof device === 'number') return device
  try {
    // 1,000 routes by way of one device ask for its index once.
    const message = { ...identify(device), extMask: withoutStats }
    const [link] = await ask(RTM_GETLINK, message, { shared: `link ${device}` })
    if (link) {
      names?.learn(link.header.index, link.ifname)
      return link.header.index
    }
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'ENODEV') throw error
  }
  throw noDevice(operation, path, device)
}

export function noDevice(operation: string, path: string, device: Device): NetlinkError {
  const what = typeof device === 'number' ? `with index ${device}` : `'${device}'`
  return new NetlinkError({ code: 'ENODEV', operation, path, reason: `there is no device ${what}`, outcome: 'unsent' })
}

/** Names of indexes, each asked once. */
export class Names {
  readonly #known = new Map<number, string | undefined>()
  readonly #asked = new Map<number, Promise<string | undefined>>()
  readonly #ask: Turn['ask']
  readonly #ifname: (index: number) => string | undefined

  /** `ifname` may tell a name without a message. */
  constructor(ask: Turn['ask'], ifname: (index: number) => string | undefined = () => undefined) {
    this.#ask = ask
    this.#ifname = ifname
  }

  /** What is known anyway. */
  learn(index: number, name: string | undefined): void {
    this.#known.set(index, name)
  }

  /** What is known of it, without asking. */
  known(index: number): string | undefined {
    return this.#known.get(index)
  }

  /** Asks for those that are not known, all at once: they travel together. */
  async learnAll(indexes: Iterable<Device | undefined>): Promise<void> {
    const asked: Promise<unknown>[] = []
    for (const index of indexes)
      if (typeof index === 'number' && index !== 0 && !this.#tells(index)) asked.push(this.of(index))
    if (asked.length > 0) await Promise.all(asked)
  }

  /** undefined for a device that is gone. */
  async of(index: number): Promise<string | undefined> {
    if (this.#tells(index)) return this.#known.get(index)
    const asked = this.#asked.get(index) ?? this.#name(index)
    this.#asked.set(index, asked)
    return asked
  }

  /** Whether it is known, or can be without a message. */
  #tells(index: number): boolean {
    if (this.#known.has(index)) return true
    const name = this.#ifname(index)
    if (name !== undefined) this.learn(index, name)
    return name !== undefined
  }

  async #name(index: number): Promise<string | undefined> {
    try {
      const [link] = await this.#ask(RTM_GETLINK, { header: { index }, extMask: withoutStats })
      this.learn(index, link?.ifname)
      return link?.ifname
    } catch (error) {
      if (!(error instanceof NetlinkError) || error.code !== 'ENODEV') throw error
      this.learn(index, undefined)
      return undefined
    }
  }
}
