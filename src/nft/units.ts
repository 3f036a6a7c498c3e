/** Amounts as nft writes them: bytes in kbytes and mbytes, rates by the period. */

export const byteUnits = { bytes: 1, kbytes: 1024, mbytes: 1024 * 1024 } as const
export type ByteUnit = keyof typeof byteUnits

/** In seconds. */
export const periods = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 } as const
export type Period = keyof typeof periods

/** Bytes in the largest unit that they are a whole number of. */
export function inByteUnit(bytes: number): [number, ByteUnit] {
  if (bytes === 0 || bytes % byteUnits.kbytes !== 0) return [bytes, 'bytes']
  return bytes % byteUnits.mbytes === 0 ? [bytes / byteUnits.mbytes, 'mbytes'] : [bytes / byteUnits.kbytes, 'kbytes']
}

/** The period of so many seconds; nft reads others as a second. */
export function periodOf(seconds: number): Period {
  const names = Object.keys(periods) as Period[] // its own keys
  return names.find((name) => periods[name] === seconds) ?? 'second'
}
