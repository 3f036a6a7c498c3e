/**
 * Input of another type than the types say, which plain JavaScript and JSON of others may have: each call settles, with an error that names the property,
 * or with what it does where the value happens to be allowed; never with a TypeError from inside. Where it is refused nothing has been changed.
 */
import { describe, expect, test, vi } from 'vitest'
import { NLM_F_DUMP } from '../../protocol/netlink/constants.ts'
import { NetlinkError } from '../../src/error.ts'
import { Netlink } from '../../src/netlink.ts'
import type { SocketPlace } from '../../src/netlink-options.ts'
import type { KernelSocket } from '../../src/socket.ts'
import { type Answer, done, FakeKernel, type FakeRequest } from './fake-kernel.ts'
import { methods } from './junk.ts'

/** Agrees to everything, and has nothing. */
const answer = (request: FakeRequest): Answer =>
  (request.flags & NLM_F_DUMP) === NLM_F_DUMP ? { dump: [done(request)] } : {}
let kernel = new FakeKernel(answer)
vi.mock('../../src/socket.ts', async (original) => ({
  ...(await original<object>()),
  openSocket: (): Promise<KernelSocket> => kernel.open(),
}))
/** Sysctls too are nobody's. */
const nowhere: SocketPlace = {
  openSocket: async () => -1,
  sysctl: { get: async () => '0', set: async () => undefined } as never,
}

const junk: readonly unknown[] = [
  null,
  undefined,
  1,
  -1,
  1.5,
  Number.NaN,
  1n,
  '',
  'x',
  '\0',
  true,
  Symbol('s'),
  [],
  [null],
  [[]],
  {},
  () => 1,
]

type Place = readonly (string | number)[]
type Parts = Readonly<Record<string | number, unknown>>

/** Every place in a value, however deep. */
function* places(value: unknown, at: Place = []): Generator<Place> {
  if (at.length > 0) yield at
  if (typeof value !== 'object' || value === null) return
  if (value instanceof Uint8Array || value instanceof AbortSignal) return
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value))
    yield* places((value as Parts)[key], [...at, key])
}

/** A copy of the value with something else at this place. */
function put(value: unknown, [key, ...rest]: Place, other: unknown): unknown {
  if (key === undefined) return other
  const copy = Array.isArray(value) ? [...value] : { ...(value as Parts) }
  return Object.assign(copy, { [key]: put((value as Parts)[key], rest, other) })
}

/** Whether it is more than a look-up: RTM_GET* are those. */
const changes = ({ type }: FakeRequest): boolean => type > 127 || type % 4 !== 2

/** What is wrong with the way in which a call ended; undefined: nothing. */
function fault(error: unknown, words: ReadonlySet<string>): string | undefined {
  if (error === undefined) return undefined
  if (!(error instanceof NetlinkError)) return `is no NetlinkError: ${String(error)}`
  if (error.code !== 'EINVAL') return undefined
  if (error.outcome !== 'unsent' || kernel.writes.flat().some(changes)) return `has been sent: ${error.message}`
  const [word = ''] = error.path?.split(/[.[]/) ?? []
  return words.has(word) ? undefined : `has a path that is not the caller's: ${error.message}`
}

/** What is true or false is nothing else, and absent where it is undefined; null is that in some places. */
const isNoSwitch = (value: unknown, other: unknown): boolean =>
  typeof value === 'boolean' && typeof other !== 'boolean' && other !== undefined && other !== null

/** Names of the arguments' properties, and of arguments. */
const argumentNames = 'options device link change address route to query filter target entry name build newName'.split(
  ' ',
)
const wordsOf = (args: readonly unknown[]): Set<string> =>
  new Set([...argumentNames, ...args.flatMap((each) => (typeof each === 'object' ? Object.keys(each ?? {}) : []))])

describe('junk', () => {
  test.each(methods)('$name', async ({ name, args }) => {
    const words = wordsOf(args)
    const [service = '', ...rest] = name.split(' ')[0]?.split('.') ?? []
    words
      .add(rest[0] ?? '')
      .add('which')
      .add('change')
    const faults: string[] = []
    for (const place of places(args))
      for (const other of junk) {
        kernel = new FakeKernel(answer)
        await using nl = await Netlink.open({ namespace: nowhere })
        const target = [service, ...rest.slice(0, -1)].reduce<object>((from, key) => Reflect.get(from, key), nl)
        const method: (...args: unknown[]) => unknown = Reflect.get(target, rest.at(-1) ?? '')
        const given = put(args, place, other) as unknown[]
        // It may not throw: what it returns may only reject.
        const error = await Promise.resolve(Reflect.apply(method, target, given)).then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
        const at = place.reduce<unknown>((value, key) => (value as Parts)[key], args)
        const taken = error === undefined && isNoSwitch(at, other)
        const wrong = taken ? 'was taken for true or false' : fault(error, words)
        if (wrong !== undefined) faults.push(`${place.join('.')} = ${typeof other} ${String(other)} ${wrong}`)
      }
    expect(faults).toEqual([])
  })
})
