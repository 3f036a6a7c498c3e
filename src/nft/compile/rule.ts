/** From a rule's statements to the kernel's expressions, as nft itself would make them. */
import type { NftExpressionInput } from '../../../protocol/netfilter/nftables/expression.ts'
import { EncodeError, isFields, show } from '../../../protocol/wire/codec.ts'
import type { Expr, MapExpr, Statement, Verdict, XtStatement } from '../ast.ts'
import type { ObjectType } from '../object-kinds.ts'
import type { CompileContext } from './context.ts'
import { Draft } from './draft.ts'
import { match } from './match.ts'
import { map, meter, set } from './statements/dynset.ts'
import { log } from './statements/log.ts'
import { mangle, reset } from './statements/mangle.ts'
import { dnat, masquerade, redirect, snat, tproxy } from './statements/nat.ts'
import { objref } from './statements/objref.ts'
import { reject } from './statements/reject.ts'
import { counter, ctCount, isOwn, last, limit, quota } from './statements/stateful.ts'
import { dup, flow, fwd, notrack, queue, synproxy } from './statements/steer.ts'
import { verdict, vmap } from './statements/verdict.ts'

type UnionToIntersection<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void
  ? I
  : never
/** What belongs to each statement's name. */
type Bodies = UnionToIntersection<Statement>
type Handlers = { readonly [K in keyof Bodies]-?: (draft: Draft, body: Bodies[K]) => void }

/** A state of its own, or a named object's. */
function either<T>(type: ObjectType, make: (body: T) => NftExpressionInput) {
  return (draft: Draft, body: T | string | MapExpr): void => {
    if (isOwn(body)) draft.expressions.push(make(body))
    // What is no state of its own is a name, or a map of names: objref checks
    else objref(draft, type, body as Expr)
  }
}

const named =
  (type: ObjectType) =>
  (draft: Draft, body: Expr): void =>
    objref(draft, type, body)

const ofVerdict =
  (name: keyof UnionToIntersection<Verdict>) =>
  (draft: Draft, body: { target: string } | null): void =>
    verdict(draft, name, body)

function xt(_draft: Draft, body: XtStatement['xt']): void {
  const name = body === null ? 'expression that is not known here' : `xtables ${body.type} '${body.name}'`
  throw new EncodeError(`an ${name} cannot be compiled: give the rule's own expressions instead`)
}

const handlers: Handlers = {
  accept: ofVerdict('accept'),
  drop: ofVerdict('drop'),
  continue: ofVerdict('continue'),
  return: ofVerdict('return'),
  jump: ofVerdict('jump'),
  goto: ofVerdict('goto'),
  match,
  counter: either('counter', counter),
  limit: either('limit', limit),
  quota: either('quota', quota),
  'ct count': (draft, body) => draft.expressions.push(ctCount(body)),
  last: (draft, body) => draft.expressions.push(last(body)),
  mangle,
  reset,
  log,
  reject,
  snat,
  dnat,
  masquerade,
  redirect,
  tproxy,
  dup,
  fwd,
  queue,
  flow,
  notrack,
  synproxy(draft, body) {
    if (isOwn(body)) synproxy(draft, body)
    else objref(draft, 'synproxy', body)
  },
  secmark: named('secmark'),
  'ct helper': named('ct_helper'),
  'ct timeout': named('ct_timeout'),
  'ct expectation': named('ct_expect'),
  set,
  map,
  meter,
  vmap,
  xt,
}

const names = Object.keys(handlers).sort()

/** The one property of a statement; `{ counter: null }` is a counter. */
function nameOf(statement: Statement): keyof Handlers {
  let name: string | undefined
  for (const key in statement) {
    if (name !== undefined) throw new EncodeError(`must be one statement, got ${name} and ${key}`)
    name = key
  }
  if (name === undefined || !Object.hasOwn(handlers, name)) {
    throw new EncodeError(`there is no statement ${show(name)}; known: ${names.join(', ')}`)
  }
  return name as keyof Handlers // just asked
}

/** Statements that may say nothing but their name. */
const plain: ReadonlySet<string> = new Set([
  'accept',
  'drop',
  'continue',
  'return',
  'counter',
  'last',
  'log',
  'masquerade',
  'notrack',
  'queue',
  'redirect',
  'reject',
  'synproxy',
  'xt',
])

/** Statements after which no other is reached. */
const final: ReadonlySet<string> = new Set([
  'accept',
  'drop',
  'return',
  'jump',
  'goto',
  'reject',
  'snat',
  'dnat',
  'masquerade',
  'redirect',
  'queue',
  'fwd',
])

/** What is of another form than the types say, somewhere inside: JavaScript's own words have to do. */
function malformed({ message }: TypeError): EncodeError {
  return new EncodeError(`is not of the form that libnftables-json(5) gives it (${message})`)
}

/**
 * The expressions of a rule. Throws an EncodeError whose path leads into the statements (`[2].match.right`) where one of them says
 * something that does not exist, does not fit the family or chain, or contradicts what the rule has said before.
 */
export function compileRule(statements: readonly Statement[], context: CompileContext): NftExpressionInput[] {
  const draft = new Draft(context)
  let ended: string | undefined
  let useless: NftExpressionInput[] | undefined
  for (let index = 0; index < statements.length; index++) {
    const statement = statements[index]
    if (!isFields(statement)) {
      const hint = typeof statement === 'function' ? ': call it' : ''
      throw new EncodeError(`must be a statement, got ${show(statement)}${hint}`, `[${index}]`)
    }
    let name: keyof Handlers | undefined
    try {
      name = nameOf(statement as unknown as Statement)
      const body = (statement as Partial<Bodies>)[name]
      if (!isFields(body) && !plain.has(name) && typeof body !== 'string') {
        throw new EncodeError(`must be an object, got ${show(body)}`)
      }
      if (ended !== undefined) throw new EncodeError(`is never reached: it is behind ${ended}`)
      if (useless !== undefined) draft.remove(useless)
      useless = undefined
      const start = draft.expressions.length
      // The handler is that of the statement's own name
      const run = handlers[name] as (draft: Draft, body: unknown) => void
      run(draft, body)
      if (name === 'match') useless = draft.useless(start)
      else if (name !== 'vmap') draft.barrier()
    } catch (error) {
      const told = error instanceof TypeError ? malformed(error) : error
      if (told instanceof EncodeError) {
        if (name !== undefined) told.within(name)
        told.within(`[${index}]`)
      }
      throw told
    }
    if (final.has(name)) ended = name
  }
  draft.barrier()
  return draft.expressions
}
