/** `log`: to the kernel's log, or with a group to a program. */
import { EncodeError, show, within } from '../../../../protocol/wire/codec.ts'
import type { LogStatement } from '../../ast.ts'
import { choice, integer, names } from '../check.ts'
import type { Draft } from '../draft.ts'

const levels = {
  emerg: 'emerg',
  alert: 'alert',
  crit: 'crit',
  err: 'err',
  warn: 'warning',
  notice: 'notice',
  info: 'info',
  debug: 'debug',
  audit: 'audit',
} as const

const flags = {
  'tcp sequence': ['tcpseq'],
  'tcp options': ['tcpopt'],
  'ip options': ['ipopt'],
  skuid: ['uid'],
  ether: ['macdecode'],
  all: ['tcpseq', 'tcpopt', 'ipopt', 'uid', 'macdecode'],
} as const

/** NF_LOG_PREFIXLEN without its NUL. */
const PREFIX = 127

export function log(draft: Draft, body: LogStatement['log']): void {
  const { prefix, group, snaplen, level } = body ?? {}
  const threshold = body?.['queue-threshold']
  const grouped = group !== undefined || snaplen !== undefined || threshold !== undefined
  const chosen = [...new Set(within('flags', () => names(flags, body?.flags)).flat())]
  if (grouped && level !== undefined) throw new EncodeError('level and group exclude each other', 'level')
  if (grouped && chosen.length > 0) throw new EncodeError('flags and group exclude each other', 'flags')
  const word = level === undefined ? undefined : within('level', () => choice(levels, level))
  if (word === 'audit' && (prefix !== undefined || chosen.length > 0)) {
    throw new EncodeError(`'audit' takes no other options`, 'level')
  }
  if (prefix !== undefined && (prefix === '' || new TextEncoder().encode(prefix).length > PREFIX)) {
    throw new EncodeError(`must be of 1 to ${PREFIX} bytes, got ${show(prefix)}`, 'prefix')
  }
  draft.add('log', {
    ...(prefix !== undefined && { prefix }),
    ...(group !== undefined && { group: within('group', () => integer(group, 0, 0xffff)) }),
    ...(group !== undefined &&
      snaplen !== undefined && { snaplen: within('snaplen', () => integer(snaplen, 0, 0xffff_ffff)) }),
    ...(group !== undefined &&
      threshold !== undefined && { qthreshold: within('queue-threshold', () => integer(threshold, 0, 0xffff)) }),
    ...(word !== undefined && { level: word }),
    ...(chosen.length > 0 && { flags: chosen }),
  })
}
