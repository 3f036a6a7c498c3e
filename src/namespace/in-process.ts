/** The host for a process that may enter namespaces itself: setns(2) in one short stretch, creation on a thread of its own. */
import { closeSync, constants, open as openCallback } from 'node:fs'
import { promisify } from 'node:util'
import { copy } from '../adopt.ts'
import { cloneFlag, ioctlRequest } from '../constants.ts'
import { Descriptor } from '../descriptor.ts'
import { NetlinkError } from '../error.ts'
import { libc } from '../libc.ts'
import { CreatorThread } from './creator-thread.ts'
import type { NamespaceHandle, NamespaceHost, NamespacePlace } from './host.ts'
import { listNames, removeName, runDirectory } from './mounts.ts'
import { checkName, checkPlace } from './name.ts'
import { fileInside, homeNamespace, socketInside } from './stretch.ts'

const openFile = promisify(openCallback)

export interface InProcessOptions {
  /** Where names are kept. `ip netns` looks at the default, /run/netns, only. */
  directory?: string
}

export class InProcessHost implements NamespaceHost {
  readonly directory: string
  readonly #creator = new CreatorThread()

  constructor({ directory = runDirectory }: InProcessOptions = {}) {
    this.directory = directory
  }

  async create(name?: string): Promise<NamespaceHandle> {
    if (name !== undefined) checkName('namespace.create', name)
    return new InProcessHandle(await this.#creator.create(this.directory, name), name)
  }

  async open(given: NamespacePlace): Promise<NamespaceHandle> {
    const place = checkPlace('namespace.open', given)
    if ('name' in place)
      return new InProcessHandle(await openNamespace(`${this.directory}/${place.name}`, place.name, 'name'), place.name)
    return new InProcessHandle(await openPlace(place), undefined)
  }

  list(): Promise<string[]> {
    return listNames(this.directory)
  }

  async delete(name: string, inode?: number): Promise<void> {
    checkName('namespace.delete', name)
    await removeName(this.directory, name, inode)
  }

  async close(): Promise<void> {
    this.#creator.close()
  }
}

class InProcessHandle implements NamespaceHandle {
  readonly name: string | undefined
  readonly descriptor: Descriptor

  constructor(fd: number, name: string | undefined) {
    this.name = name
    this.descriptor = new Descriptor(fd, name === undefined ? 'namespace' : `namespace ${name}`)
  }

  async openSocket(domain: number, type: number, protocol: number): Promise<number> {
    return socketInside(this.descriptor.fd, domain, type, protocol)
  }

  async openFile(path: string, flags: number): Promise<number> {
    return fileInside(this.descriptor.fd, path, flags)
  }

  async close(): Promise<void> {
    this.descriptor.close()
  }
}

async function openPlace(place: Exclude<NamespacePlace, { name: string }>): Promise<number> {
  if ('path' in place) return openNamespace(place.path, place.path, 'path')
  if ('current' in place) return copy(homeNamespace())
  if ('pid' in place) return openNamespace(`/proc/${place.pid}/ns/net`, `of process ${place.pid}`, 'pid')
  return checkNamespace(copy(place.fd), `of descriptor ${place.fd}`, 'fd')
}

async function openNamespace(path: string, subject: string, property: string): Promise<number> {
  try {
    // In the pool, since any path may be given, and O_NONBLOCK, since it may be a FIFO.
    return checkNamespace(await openFile(path, constants.O_RDONLY | constants.O_NONBLOCK), subject, property)
  } catch (error) {
    if (error instanceof NetlinkError) throw error
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO'
    const reason = code === 'ENOENT' ? 'there is no such namespace' : undefined
    throw new NetlinkError({ code, operation: 'namespace.open', subject, path: property, reason, cause: error })
  }
}

/** Hands `fd` back if it is a network namespace; else closes it and throws. */
function checkNamespace(fd: number, subject: string, property: string): number {
  if (libc().ioctl(fd, ioctlRequest.NS_GET_NSTYPE, null) === cloneFlag.CLONE_NEWNET) return fd
  closeSync(fd)
  throw new NetlinkError({
    code: 'EINVAL',
    operation: 'namespace.open',
    subject,
    path: property,
    reason: 'it is not a network namespace',
  })
}
