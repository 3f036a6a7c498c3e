/** Checks of what a statement is given, with errors that say what could be. */
import { EncodeError, show } from '../../../protocol/wire/codec.ts'

/** The value of a name. */
export function choice<T>(table: Readonly<Record<string, T>>, name: unknown): T {
  const found = typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined
  if (found === undefined) throw new EncodeError(`must be one of ${Object.keys(table).join(', ')}, got ${show(name)}`)
  return found
}

export function integer(value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new EncodeError(`must be a whole number from ${least} to ${most}, got ${show(value)}`)
  }
  return value
}

/** `flags: 'random'` is `flags: ['random']`. */
export function names<T>(table: Readonly<Record<string, T>>, given: string | readonly string[] | undefined): T[] {
  if (given === undefined) return []
  if (typeof given !== 'string' && !Array.isArray(given)) throw new EncodeError(`must be names, got ${show(given)}`)
  return (typeof given === 'string' ? [given] : given).map((name) => choice(table, name))
}
