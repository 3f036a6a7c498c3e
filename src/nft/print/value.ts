/** Constants in nft's syntax: which types are quoted, which numbers are hexadecimal, what times look like. */

import type { Immediate } from '../ast.ts'
import type { DataType } from '../datatype.ts'
import { date, rawInteger } from '../datatypes/index.ts'

/** How constants of a type are written, where it is not as they are; a number is the digits of a hexadecimal number. */
type Style = 'quoted' | 'time' | 'interface' | number

const styles: Readonly<Record<string, Style>> = {
  string: 'quoted',
  ifname: 'quoted',
  devgroup: 'quoted',
  realm: 'interface',
  ct_label: 'quoted',
  cgroupsv2: 'quoted',
  day: 'quoted',
  hour: 'quoted',
  iface_index: 'interface',
  time: 'time',
  mark: 8,
  dscp: 2,
  ecn: 1,
  ether_type: 4,
  bitmask: 0,
}

function styleOf(type: DataType | undefined): Style | undefined {
  if (type === undefined) return undefined
  if (type === date) return 'quoted' // it shares its name with times that pass
  if (type === rawInteger || type.bitmask === true) return type.name === 'ct_label' ? 'quoted' : 0
  return styles[type.name]
}

/** What stands in a rule's text without quotes; anything else could end a statement. */
const bare = /^[\w.:/\\*+\-[\]]+$/

/** In double quotes. nft has no escapes: a quote or a line break inside would end the string, so they are replaced. */
export function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
  return `"${text.replaceAll('"', "'").replace(/[\x00-\x1f\x7f]/g, ' ')}"`
}

/** A name of the user's: a table, a chain, a set, a field. One that nft's lexer does not take is quoted (nft then refuses it). */
export function name(text: string): string {
  return /^[A-Za-z_][\w./\\-]*$/.test(text) ? text : quote(text)
}

/** A constant of the type. */
export function printImmediate(value: Immediate, type?: DataType): string {
  if (typeof value === 'boolean') return value ? 'exists' : 'missing'
  const style = styleOf(type)
  if (typeof value === 'number') return number(value, style)
  if (value.startsWith('@')) return `@${name(value.slice(1))}`
  if (value === '*') return '*'
  if (style === 'quoted') return quote(value)
  // a name in quotes, but for numbers, and addresses where either may stand (`dup to`)
  if (style === 'interface') return /^[\d.]+$|^[\da-f:.]*:[\da-f:.]*$/i.test(value) ? value : quote(value)
  return bare.test(value) ? value : quote(value)
}

/** An end of a range: nft takes no names there, and times in seconds only. */
export function printEnd(value: Immediate, type?: DataType): string {
  const named = typeof value === 'string' ? type?.names?.[value] : undefined
  if (named !== undefined && styleOf(type) !== 'quoted') return number(named, styleOf(type))
  return typeof value === 'number' && styleOf(type) === 'time' ? `${value}s` : printImmediate(value, type)
}

function number(value: number, style: Style | undefined): string {
  if (typeof style === 'number' && Number.isInteger(value) && value >= 0)
    return `0x${value.toString(16).padStart(style, '0')}`
  return style === 'time' ? time(value) : String(value)
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const

/** `1d2h3m4s` of seconds (with a fraction, milliseconds). */
export function time(seconds: number): string {
  let rest = Math.round(seconds * 1000)
  let text = ''
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text === '' ? '0s' : text
}
