/** Input of another type than the types say, which plain JavaScript and JSON of others may have: an error that names it, before anything is sent. */
import { isFields, show } from '../protocol/wire/codec.ts'
import type { CallControl } from './client.ts'
import { invalid } from './error.ts'

/** What must be an object: `path` is the argument, or the property, in the caller's words. */
export function checkObject(operation: string, path: string, given: unknown): void {
  if (!isFields(given)) throw invalid(operation, path, `must be an object, got ${show(given)}`)
}

export function checkArray(operation: string, path: string, given: unknown): void {
  if (!Array.isArray(given)) throw invalid(operation, path, `must be an array, got ${show(given)}`)
}

export function checkFunction(operation: string, path: string, given: unknown): void {
  if (typeof given !== 'function') throw invalid(operation, path, `must be a function, got ${show(given)}`)
}

/** How a call may be ended: options that are a CallControl, or have one among them. */
export function checkControl(operation: string, given: unknown, path = 'options'): asserts given is CallControl {
  if (!isFields(given)) throw invalid(operation, path, `must be an object, got ${show(given)}`)
  const { signal, deadline } = given
  if (signal !== undefined && !isSignal(signal))
    throw invalid(operation, 'signal', `must be an AbortSignal, got ${show(signal)}`)
  if (deadline !== undefined && !(typeof deadline === 'number' && deadline >= 0))
    throw invalid(operation, 'deadline', `must be milliseconds from 0 on, got ${show(deadline)}`)
}

/** Those of other realms and of polyfills are signals too. */
const isSignal = (given: unknown): boolean =>
  isFields(given) && typeof given.aborted === 'boolean' && typeof given.addEventListener === 'function'
