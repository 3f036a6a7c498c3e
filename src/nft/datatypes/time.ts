/** Times: how long a connection lives, and when a packet came. */
import { EncodeError, show } from '../../../protocol/wire/codec.ts'
import type { Immediate } from '../ast.ts'
import { type DataType, fitting, plain, single, symbolic } from '../datatype.ts'
import { bytesOf, integerOf, numberOf } from './bits.ts'

const units = [
  ['d', 86_400_000n],
  ['h', 3_600_000n],
  ['m', 60_000n],
  ['s', 1000n],
  ['ms', 1n],
] as const

/** '1d2h3m4s5ms' as milliseconds; a number is seconds. undefined for what is neither. */
function parseDuration(value: Immediate): bigint | undefined {
  if (typeof value === 'number') return value >= 0 && value < 2 ** 53 ? BigInt(Math.round(value * 1000)) : undefined
  if (typeof value !== 'string') return undefined
  if (/^\d+$/.test(value)) return BigInt(value) * 1000n
  const parts = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(value)
  if (!parts || value === '') return undefined
  return units.reduce((sum, [, factor], i) => sum + BigInt(parts[i + 1] ?? 0) * factor, 0n)
}

/** Milliseconds as '1d2h3m4s5ms'. */
function formatDuration(milliseconds: bigint): string {
  let rest = milliseconds
  let text = ''
  for (const [unit, factor] of units) {
    if (rest >= factor) text += `${rest / factor}${unit}`
    rest %= factor
  }
  return text === '' ? '0s' : text
}

/** Milliseconds. JSON has seconds, and '500ms' where these are not whole (nft drops the rest). */
export const relativeTime: DataType<number | string, 'time'> = {
  name: 'time',
  id: 18,
  size: 32,
  byteorder: 'host',
  parse(value, bits) {
    const time = parseDuration(single(value))
    if (time === undefined) throw new EncodeError(`must be seconds or a time like 1h30m, got ${show(value)}`)
    return bytesOf(fitting(time, bits || 32), bits || 32, 'host')
  },
  format(bytes) {
    const time = integerOf(bytes, 'host')
    return time % 1000n === 0n ? plain(time / 1000n) : formatDuration(time)
  },
  text: (bytes) => formatDuration(integerOf(bytes, 'host')),
}

const second = 1_000_000_000n
const two = (number: number): string => String(number).padStart(2, '0')

function parseDate(value: Immediate): bigint | undefined {
  if (typeof value === 'number')
    return value >= 0 && value < 2 ** 53 ? BigInt(Math.round(value * 1000)) * 1_000_000n : undefined
  if (typeof value !== 'string') return undefined
  if (/^\d+$/.test(value)) return BigInt(value) * second
  const parts = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?$/.exec(value)
  if (!parts) return undefined
  const [year, month, day, hour, minute, seconds] = parts.slice(1).map((part) => Number(part ?? 0))
  const date = new Date(year ?? 0, (month ?? 1) - 1, day, hour, minute, seconds)
  return BigInt(date.getTime()) * 1_000_000n
}

function formatDate(bytes: Uint8Array): string {
  const date = new Date(Number(integerOf(bytes, 'host') / 1_000_000n))
  if (Number.isNaN(date.getTime())) return String(integerOf(bytes, 'host') / second)
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** `meta time`: nanoseconds since 1970, written as local time; a number is seconds. */
export const date: DataType<string | number, 'time'> = {
  name: 'time',
  id: 43,
  size: 64,
  byteorder: 'host',
  parse(value) {
    const time = parseDate(single(value))
    if (time === undefined) throw new EncodeError(`must be a time like '2024-12-24 18:00', got ${show(value)}`)
    return bytesOf(fitting(time, 64), 64, 'host')
  },
  format: formatDate,
  text: (bytes) => `"${formatDate(bytes)}"`,
}

const daySeconds = 86_400
const offset = (): number => -new Date().getTimezoneOffset() * 60

function parseHour(value: Immediate): number | undefined {
  if (typeof value === 'number') return value
  const parts = typeof value === 'string' ? /^(\d\d):(\d\d)(?::(\d\d))?$/.exec(value) : null
  if (!parts) return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : undefined
  const local = Number(parts[1]) * 3600 + Number(parts[2]) * 60 + Number(parts[3] ?? 0)
  return (((local - offset()) % daySeconds) + daySeconds) % daySeconds
}

function formatHour(bytes: Uint8Array): string {
  const number = numberOf(bytes, 'host')
  const local = number < daySeconds ? (number + offset() + daySeconds) % daySeconds : number
  const seconds = local % 60
  return `${two(Math.floor(local / 3600))}:${two(Math.floor(local / 60) % 60)}${seconds ? `:${two(seconds)}` : ''}`
}

/** `meta hour`: seconds of the day in UTC, written as local time of now. */
export const hour: DataType<string | number, 'hour'> = {
  name: 'hour',
  id: 44,
  size: 32,
  byteorder: 'host',
  parse(value) {
    const seconds = parseHour(single(value))
    if (seconds === undefined || !Number.isInteger(seconds) || seconds < 0 || seconds > daySeconds)
      throw new EncodeError(`must be a time of the day like 13:30, got ${show(value)}`)
    return bytesOf(seconds, 32, 'host')
  },
  format: formatHour,
  text: (bytes) => `"${formatHour(bytes)}"`,
}

// biome-ignore format: a week
export const day = symbolic({
  name: 'day', id: 45, size: 8, byteorder: 'host', quoted: true,
  names: { Sunday: 0, Monday: 1, Tuesday: 2, Wednesday: 3, Thursday: 4, Friday: 5, Saturday: 6 },
})
