/** What a subcommand of `netlink-ts` is, and what they share: options, lines in, lines out. */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { type ProtocolName, protocols } from '../../protocol/protocols.ts'
import { DecodeError, EncodeError } from '../../protocol/wire/codec.ts'

/** One file each; main.ts lists them. */
export interface Command {
  /** One line for `netlink-ts --help`. */
  readonly summary: string
  /** The whole of `netlink-ts COMMAND --help`. */
  readonly help: string
  /** Runs it; the result is the exit status. */
  run(args: string[]): Promise<number>
}

/** Called in a way that cannot be meant: exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Input that cannot be read: exit status 1. */
export class InputError extends Error {
  override readonly name = 'InputError'
}

type OptionTypes = Record<string, 'string' | 'boolean'>

export interface Parsed<O extends OptionTypes> {
  readonly options: { readonly [K in keyof O]?: O[K] extends 'string' ? string : boolean }
  readonly positionals: string[]
}

/** node:util's parseArgs, whose complaints become a UsageError. */
export function parse<const O extends OptionTypes>(args: string[], types: O): Parsed<O> {
  const options = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type }]))
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, strict: true })
    // parseArgs has checked them against `types`.
    return { options: values as Parsed<O>['options'], positionals }
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message)
    throw error
  }
}

export function protocolName(given: string): ProtocolName {
  if (Object.hasOwn(protocols, given)) return given as ProtocolName
  throw new UsageError(`--protocol must be one of ${Object.keys(protocols).join(', ')}, got '${given}'`)
}

/** One piece of input and where it came from, for errors. */
export interface Line {
  readonly where: string
  readonly text: string
}

/** The arguments, or stdin line by line where there are none. Blank lines are left out. */
export async function* lines(args: readonly string[]): AsyncGenerator<Line> {
  let number = 0
  for (const text of args) {
    number++
    if (text.trim() !== '') yield { where: `argument ${number}`, text }
  }
  if (args.length > 0) return
  for await (const text of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++
    if (text.trim() !== '') yield { where: `line ${number}`, text }
  }
}

/** Writes a line to stdout, as fast as the reader takes it. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain')
}

/** What a codec refuses becomes an InputError that says where the input was. */
export function at<T>(where: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (error instanceof DecodeError || error instanceof EncodeError) throw new InputError(`${where}: ${error.message}`)
    throw error
  }
}
