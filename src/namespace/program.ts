/** Where programs of util-linux are. */
import { existsSync } from 'node:fs'
import { NetlinkError } from '../error.ts'

const places = ['/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** The path of a program, undefined where it is not installed. The PATH of a command may be another, and that of a user lack /usr/sbin. */
export function findProgram(program: string): string | undefined {
  const own = (process.env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/'))
  return [...own, ...places].map((folder) => `${folder}/${program}`).find((path) => existsSync(path))
}

/** The same; throws NetlinkError ENOENT where it is not installed. */
export function needProgram(operation: string, program: string): string {
  const path = findProgram(program)
  if (path !== undefined) return path
  throw new NetlinkError({
    code: 'ENOENT',
    operation,
    subject: program,
    reason: 'it is needed and not installed (package util-linux)',
    outcome: 'unsent',
  })
}
