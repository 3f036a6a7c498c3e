/** NLMSG_ERROR and NLMSG_DONE: acknowledgements with what the kernel says of a request (extended ACK). */
import { attribute, attributes, nest } from '../wire/attributes.ts'
import { aligned, type Sink, type Source } from '../wire/bytes.ts'
import {
  type AnyCodec,
  type Codec,
  DecodeError,
  EncodeError,
  type Fields,
  type Infer,
  isFields,
  show,
  within,
} from '../wire/codec.ts'
import { encodeKept, keepWhole } from '../wire/exact.ts'
import { bytes, reviveBytes, string } from '../wire/leaf.ts'
import { lazy } from '../wire/list.ts'
import { message } from '../wire/message.ts'
import { oneOf, s32, s64, u32, u64 } from '../wire/scalar.ts'
import { struct } from '../wire/struct.ts'
import { NLM_F_CAPPED, NLMSG_HDRLEN } from './constants.ts'
import { nlmsghdr, operationOf } from './header.ts'
import { messageFlags, type Protocol } from './operation.ts'

const attributeType = oneOf(u32, 'NL_ATTR_TYPE_', {
  NL_ATTR_TYPE_INVALID: 0,
  NL_ATTR_TYPE_FLAG: 1,
  NL_ATTR_TYPE_U8: 2,
  NL_ATTR_TYPE_U16: 3,
  NL_ATTR_TYPE_U32: 4,
  NL_ATTR_TYPE_U64: 5,
  NL_ATTR_TYPE_S8: 6,
  NL_ATTR_TYPE_S16: 7,
  NL_ATTR_TYPE_S32: 8,
  NL_ATTR_TYPE_S64: 9,
  NL_ATTR_TYPE_BINARY: 10,
  NL_ATTR_TYPE_STRING: 11,
  NL_ATTR_TYPE_NUL_STRING: 12,
  NL_ATTR_TYPE_NESTED: 13,
  NL_ATTR_TYPE_NESTED_ARRAY: 14,
  NL_ATTR_TYPE_BITFIELD32: 15,
  NL_ATTR_TYPE_SINT: 16,
  NL_ATTR_TYPE_UINT: 17,
} as const)

/** What the kernel would have taken: NLMSGERR_ATTR_POLICY. */
export const policy = attributes('nlctrl/policy-attrs', () => ({
  type: attribute('NL_POLICY_TYPE_ATTR_TYPE', 1, attributeType),
  minValueS: attribute('NL_POLICY_TYPE_ATTR_MIN_VALUE_S', 2, s64),
  maxValueS: attribute('NL_POLICY_TYPE_ATTR_MAX_VALUE_S', 3, s64),
  minValueU: attribute('NL_POLICY_TYPE_ATTR_MIN_VALUE_U', 4, u64),
  maxValueU: attribute('NL_POLICY_TYPE_ATTR_MAX_VALUE_U', 5, u64),
  minLength: attribute('NL_POLICY_TYPE_ATTR_MIN_LENGTH', 6, u32),
  maxLength: attribute('NL_POLICY_TYPE_ATTR_MAX_LENGTH', 7, u32),
  policyIdx: attribute('NL_POLICY_TYPE_ATTR_POLICY_IDX', 8, u32),
  policyMaxtype: attribute('NL_POLICY_TYPE_ATTR_POLICY_MAXTYPE', 9, u32),
  bitfield32Mask: attribute('NL_POLICY_TYPE_ATTR_BITFIELD32_MASK', 10, u32),
  pad: attribute('NL_POLICY_TYPE_ATTR_PAD', 11, bytes()),
  mask: attribute('NL_POLICY_TYPE_ATTR_MASK', 12, u64),
}))
export interface Policy extends Infer<typeof policy> {}

/** enum nlmsgerr_attrs. No spec has this set. */
export const extack = attributes('netlink/extack-attrs', () => ({
  /** The kernel's explanation. */
  msg: attribute('NLMSGERR_ATTR_MSG', 1, string()),
  /** Where in the request the attribute at fault begins, from its nlmsghdr on. */
  offs: attribute('NLMSGERR_ATTR_OFFS', 2, u32),
  cookie: attribute('NLMSGERR_ATTR_COOKIE', 3, bytes()),
  policy: nest('NLMSGERR_ATTR_POLICY', 4, policy),
  /** Number of an attribute that is missing, in the nest at `missNest` (0 or absent: at the top). */
  missType: attribute('NLMSGERR_ATTR_MISS_TYPE', 5, u32),
  missNest: attribute('NLMSGERR_ATTR_MISS_NEST', 6, u32),
}))
export interface Extack extends Infer<typeof extack> {}

/** The end of a dump: a status (0 or a negative errno) and perhaps an explanation. */
export const done = message(struct({ error: s32 }), extack)
export interface Done extends Infer<typeof done> {}

/** The request that an error is about. */
export interface FailedRequest {
  /** nlmsg_len; differs from the bytes given where the kernel left out the body (NLM_F_CAPPED). */
  len: number
  type: string | number
  flags: readonly (string | number)[]
  seq: number
  portid: number
  body?: unknown
}

/** struct nlmsgerr: an acknowledgement (`error` 0) or a refusal (a negative errno). */
export interface ErrorBody extends Extack {
  error: number
  request: FailedRequest
}

/** The body of NLMSG_ERROR under these flags. */
export function errorBody(protocol: Protocol, flags: number): Codec<ErrorBody> {
  const capped = (flags & NLM_F_CAPPED) !== 0
  const headerAt = 4
  const bodyAt = headerAt + NLMSG_HDRLEN

  /** Where the repeated request ends: its whole length, or just its header. */
  const requestEnd = (source: Source, start: number, end: number): number => {
    if (capped) return start + bodyAt
    return Math.min(
      end,
      start + headerAt + Math.max(NLMSG_HDRLEN, source.view.getUint32(start + headerAt, source.littleEndian)),
    )
  }
  const attributesAt = (start: number, stop: number): number => start + headerAt + aligned(stop - start - headerAt)

  const decode = (source: Source, start: number, end: number): ErrorBody => {
    if (end - start < bodyAt) throw new DecodeError(`takes ${bodyAt} bytes or more, got ${end - start}`, start)
    const header = nlmsghdr.decode(source, start + headerAt, start + bodyAt)
    const found = operationOf(protocol, header.type, header.flags)
    const stop = requestEnd(source, start, end)
    const request: FailedRequest = {
      len: header.len,
      type: found.name,
      flags: messageFlags[found.kind].decode(source, start + headerAt + 6, start + headerAt + 8),
      seq: header.seq,
      portid: header.portid,
      ...(stop > start + bodyAt && {
        body: within('request', () => decodeBody(found.codec(protocol), source, start + bodyAt, stop)),
      }),
    }
    const value: Fields = { error: s32.decode(source, start, start + 4), request }
    const rest = attributesAt(start, stop)
    if (rest < end) extack.fill(source, rest, end, value)
    if (source.exact) keepWhole(codec as AnyCodec, value, source, start, end)
    return value as unknown as ErrorBody
  }

  const encode = (value: ErrorBody, sink: Sink): void => {
    const fields: unknown = value
    if (!isFields(fields)) throw new EncodeError(`must be an object, got ${show(value)}`)
    if (encodeKept(codec as AnyCodec, undefined, undefined, fields, fields.raw, sink)) return
    const { error, request, ...attributes } = value
    within('error', () => s32.encode(error, sink))
    within('request', () => {
      const start = sink.position
      const found = operationOf(protocol, request.type, 0)
      nlmsghdr.encode(
        {
          len: request.len,
          type: found.type,
          flags: Number(messageFlags[found.kind].number(request.flags)),
          seq: request.seq,
          portid: request.portid,
        },
        sink,
      )
      if (request.body instanceof Uint8Array) sink.append(request.body)
      else if (request.body !== undefined)
        within('body', () => found.codec(protocol).encode(request.body as never, sink))
      sink.align(start)
    })
    extack.write(attributes as Fields, sink)
  }

  const codec: Codec<ErrorBody> = {
    sort: 'other',
    type: 'nest',
    size: undefined,
    decode,
    encode,
    revive(json) {
      if (!isFields(json) || !isFields(json.request))
        throw new EncodeError(`must be an object with a request, got ${show(json)}`)
      const { error, request, ...rest } = json
      const value: Fields = { error, request: { ...json.request } }
      const found = operationOf(protocol, (request as unknown as FailedRequest).type, 0)
      const { body } = json.request
      if (body !== undefined) {
        value.request = {
          ...json.request,
          body: within('request', () =>
            within('body', () => (typeof body === 'string' ? reviveBytes(body) : found.codec(protocol).revive(body))),
          ),
        }
      }
      extack.reviveInto(rest, value)
      return value
    },
    parts(source, start, end) {
      if (end - start < bodyAt) return []
      const header = nlmsghdr.decode(source, start + headerAt, start + bodyAt)
      const stop = requestEnd(source, start, end)
      const rest = attributesAt(start, stop)
      const found = operationOf(protocol, header.type, header.flags)
      const body = found.codec(protocol)
      return [
        { key: 'error', start, payload: start, end: start + 4, codec: s32 },
        {
          key: 'request',
          constant: String(found.name),
          start: start + headerAt,
          payload: start + headerAt,
          end: start + bodyAt,
          codec: nlmsghdr,
        },
        ...(stop > start + bodyAt
          ? [{ key: 'request.body', start: start + bodyAt, payload: start + bodyAt, end: stop, codec: body }]
          : []),
        ...(rest < end ? (extack.parts?.(source, rest, end, {}) ?? []) : []),
      ]
    },
  }
  return codec
}

/** A request that cannot be read must not hide why it was refused: kept as bytes, unless strict. */
function decodeBody(codec: AnyCodec, source: Source, start: number, end: number): unknown {
  try {
    return within('body', () => codec.decode(source, start, end))
  } catch (error) {
    if (!(error instanceof DecodeError) || source.strict) throw error
    return source.bytes.slice(start, end)
  }
}

/** An error's request may hold an error: recursion is bounded like every other. */
export function lazyErrorBody(protocol: Protocol, flags: number): Codec<ErrorBody> {
  return lazy(() => errorBody(protocol, flags))
}
