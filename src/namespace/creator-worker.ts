/** The entry of the thread that creates namespaces, one after another; creator-thread.ts starts it. */
import { parentPort } from 'node:worker_threads'
import type { NetlinkErrorOptions } from '../error.ts'
import { CreateFailure, createNamespace } from './creator.ts'

/** What the thread is asked. */
export interface CreateRequest {
  id: number
  directory: string
  name: string | undefined
}

/** What it answers: a descriptor, or why not. */
export interface CreateReply {
  id: number
  fd?: number
  error?: NetlinkErrorOptions
  /** The thread could not go back to its own namespace, and ends. */
  stranded: boolean
}

parentPort?.on('message', ({ id, directory, name }: CreateRequest) => {
  let reply: CreateReply
  try {
    reply = { id, ...createNamespace(directory, name) }
  } catch (error) {
    const failure =
      error instanceof CreateFailure
        ? error
        : new CreateFailure({ code: 'EIO', operation: 'namespace.create', subject: name, reason: String(error) })
    reply = { id, error: failure.options, stranded: failure.stranded }
  }
  parentPort?.postMessage(reply)
  if (reply.stranded) parentPort?.close()
})
