/** The /proc/sys/net of a namespace: `ip netns exec NAME sysctl net....`. */
import { closeSync, constants, openSync, read, write } from 'node:fs'
import { show } from '../../protocol/wire/codec.ts'
import { invalid, NetlinkError } from '../error.ts'
import { pool } from '../pool.ts'
import { sysctlPath } from './name.ts'

/** proc_sys_call_handler(), fs/proc/proc_sysctl.c: longer values are refused (KMALLOC_MAX_SIZE); no value in net comes near. */
const longest = 64 * 1024

/** Opens a file inside the namespace: the opener decides whose /proc/sys/net it is, the reader does not matter. */
type OpenFile = (path: string, flags: number) => Promise<number>

/**
 * Names as sysctl(8) takes them: 'net.ipv4.ip_forward', 'net/ipv4/ip_forward', and for an interface with a dot
 * 'net.ipv4.conf.eth0/100.forwarding' or 'net/ipv4/conf/eth0.100/forwarding'.
 */
export class Sysctl {
  readonly #open: OpenFile

  constructor(open: OpenFile) {
    this.#open = open
  }

  /** Those of the namespace that this thread is in: nobody has to enter it, so reading takes no rights. */
  static here(): Sysctl {
    return new Sysctl(async (path, flags) => {
      try {
        return openSync(path, flags)
      } catch (cause) {
        throw new NetlinkError({ code: codeOf(cause), operation: 'open', subject: path, cause })
      }
    })
  }

  /**
   * The value as text, without the newline: `sysctl -n NAME`.
   * Throws NetlinkError: EINVAL (path 'name') for what is no name below 'net', ENOENT for what is not there.
   */
  async get(name: string): Promise<string> {
    const operation = 'sysctl.get'
    const fd = await this.#opened(operation, name, constants.O_RDONLY)
    const buffer = Buffer.alloc(longest)
    // One read: a sysctl answers the first in full and the next with nothing.
    const length = await this.#inPool(operation, name, fd, (done) => read(fd, buffer, 0, buffer.length, null, done))
    return buffer.toString('utf8', 0, length).replace(/\n$/, '')
  }

  /**
   * Sets a value: `sysctl -w NAME=VALUE`. true is 1, false 0; '' empties a list.
   * Throws NetlinkError: EINVAL with path 'name' or, where it is none or the kernel refuses it, 'value'; EACCES, EPERM, EROFS where it may not be set.
   */
  async set(name: string, value: string | number | boolean): Promise<void> {
    const operation = 'sysctl.set'
    const bytes = Buffer.from(textOf(operation, value))
    const fd = await this.#opened(operation, name, constants.O_WRONLY)
    await this.#inPool(operation, name, fd, (done) => write(fd, bytes, 0, bytes.length, null, done))
  }

  async #opened(operation: string, name: string, flags: number): Promise<number> {
    const path = sysctlPath(operation, name)
    try {
      return await this.#open(path, flags)
    } catch (cause) {
      if (!(cause instanceof NetlinkError) || cause.operation !== 'open') throw cause
      const missing = cause.code === 'ENOENT' || cause.code === 'ENOTDIR' || cause.code === 'EISDIR'
      const reason = missing
        ? 'there is no such sysctl in this namespace (its module may not be loaded)'
        : mayNot(cause.code, path)
      throw new NetlinkError({
        code: cause.code,
        operation,
        subject: name,
        path: missing ? 'name' : undefined,
        reason,
        cause,
      })
    }
  }

  /**
   * In the pool, and within netlink's share of it: some handlers wait for the RTNL lock (forwarding), spinning while it is held.
   */
  async #inPool(
    operation: string,
    subject: string,
    fd: number,
    job: (done: (error: NodeJS.ErrnoException | null, length: number) => void) => void,
  ): Promise<number> {
    try {
      return await new Promise((resolve, reject) => {
        pool.submit((left) => {
          job((error, length) => {
            left()
            if (error) reject(error)
            else resolve(length)
          })
          return true
        })
      })
    } catch (cause) {
      const code = codeOf(cause)
      // ENOENT: a congestion control of that name, a module.
      const value = operation === 'sysctl.set' && ['EINVAL', 'ERANGE', 'ENOENT'].includes(code)
      const path = value ? 'value' : code === 'EISDIR' ? 'name' : undefined
      throw new NetlinkError({
        code,
        operation,
        subject,
        path,
        reason: mayNot(code, sysctlPath(operation, subject)),
        cause,
      })
    } finally {
      // At once: a close that waits in the pool is given up when a Worker is terminated.
      closeSync(fd)
    }
  }
}

function textOf(operation: string, value: unknown): string {
  const plain = typeof value === 'boolean' ? Number(value) : value
  const text = Number.isInteger(plain) ? String(plain) : plain
  if (typeof text !== 'string' || text.includes('\0') || Buffer.byteLength(text) >= longest) {
    const allowed = `must be a string of less than ${longest} bytes without NUL, an integer, true or false`
    throw invalid(operation, 'value', `${allowed}, got ${show(value)}`)
  }
  // As sysctl(8) does: of no bytes at all the kernel takes no notice.
  return text === '' ? '\n' : text
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'EIO'

/** net_ctl_permissions(), net/sysctl_net.c: who has CAP_NET_ADMIN there is as the file's owner, and some handlers ask for it once more. */
function mayNot(code: string, path: string): string | undefined {
  if (code === 'EACCES' || code === 'EPERM')
    return `${path}: this takes root of the namespace, or CAP_NET_ADMIN in the user namespace that owns it`
  return code === 'EROFS' ? `${path} is mounted read-only` : undefined
}
