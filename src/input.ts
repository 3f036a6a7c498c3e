/** Input of another type than the types say, which plain JavaScript and JSON of others may have: an error that names it, before anything is sent. */
import { isFields, show } from '../protocol/wire/codec.ts'
import type { CallControl } from './client.ts'
import { invalid } from './error.ts'

/** What must be an object: `path` is the argument, or the property, in the caller's words. */
export function checkObject(operation: string, path: string, given: unknown): void {
  if (!isFields(given)) throw invalid(operation, path, `must be an object, got ${show(given)}`)
}

export function checkArray(operation: string, path: string, given: unknown): asserts given is readonly unknown[] {
  if (!Array.isArray(given)) throw invalid(operation, path, `must be an array, got ${show(given)}`)
}

export function checkFunction(operation: string, path: string, given: unknown): void {
  if (typeof given !== 'function') throw invalid(operation, path, `must be a function, got ${show(given)}`)
}

/** An object with these methods, `what` it is called: those of other hosts, and of another copy of the library, do as well. */
export function checkMethods(operation: string, path: string, given: unknown, what: string, ...names: string[]): void {
  if (isFields(given) && names.every((name) => typeof given[name] === 'function')) return
  throw invalid(operation, path, `must be ${what}, got ${show(given)}`)
}

/** Text of which nothing is lost where C reads it: to the first NUL. */
export function checkText(operation: string, path: string, given: unknown): asserts given is string {
  if (typeof given === 'string' && given !== '' && !given.includes('\0')) return
  throw invalid(operation, path, `must be a string, not empty and without NUL, got ${show(given)}`)
}

export function checkInteger(
  operation: string,
  path: string,
  given: unknown,
  least: number,
  most: number,
): asserts given is number {
  if (Number.isInteger(given) && Number(given) >= least && Number(given) <= most) return
  const range = most === Number.POSITIVE_INFINITY ? `from ${least} on` : `from ${least} to ${most}`
  throw invalid(operation, path, `must be an integer ${range}, got ${show(given)}`)
}

export function checkOneOf(operation: string, path: string, given: unknown, allowed: readonly string[]): void {
  if (typeof given === 'string' && allowed.includes(given)) return
  throw invalid(operation, path, `must be ${allowed.map(show).join(' or ')}, got ${show(given)}`)
}

/** An option: undefined is absent, null is not. */
export function checkBoolean(operation: string, path: string, given: unknown): void {
  if (given !== undefined && typeof given !== 'boolean')
    throw invalid(operation, path, `must be true or false, got ${show(given)}`)
}

/** An option. Those of other realms and of polyfills are signals too. */
export function checkSignal(operation: string, given: unknown): void {
  if (given === undefined) return
  if (isFields(given) && typeof given.aborted === 'boolean' && typeof given.addEventListener === 'function') return
  throw invalid(operation, 'signal', `must be an AbortSignal, got ${show(given)}`)
}

/** An option. Infinity: without end. */
export function checkMilliseconds(operation: string, path: string, given: unknown): void {
  if (given === undefined || (typeof given === 'number' && given >= 0)) return
  throw invalid(operation, path, `must be milliseconds from 0 on, got ${show(given)}`)
}

/** How a call may be ended: options that are a CallControl, or have one among them. */
export function checkControl(operation: string, given: unknown, path = 'options'): asserts given is CallControl {
  if (!isFields(given)) throw invalid(operation, path, `must be an object, got ${show(given)}`)
  checkSignal(operation, given.signal)
  checkMilliseconds(operation, 'deadline', given.deadline)
}
