/** The entry of the thread that creates namespaces, one after another; creator-thread.ts starts it. */
import { closeSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { NetlinkErrorOptions } from '../error.ts'
import { CreateFailure, createNamespace } from './creator.ts'

/** What the thread is asked. */
export interface CreateRequest {
  id: number
  directory: string
  name: string | undefined
}

/** The descriptor of an answer has been copied. Until then it stays open, so that it belongs to one thread or the other at any moment. */
export interface CreateReceipt {
  taken: number
}

/** What it answers: a descriptor, or why not. */
export interface CreateReply {
  id: number
  fd?: number
  error?: NetlinkErrorOptions
  /** The thread could not go back to its own namespace, and ends. */
  stranded: boolean
}

/** In a foreign namespace: what else it is asked, another thread does. */
let stranded = false

parentPort?.on('message', (message: CreateRequest | CreateReceipt) => {
  if ('taken' in message) {
    closeSync(message.taken)
    if (stranded) parentPort?.close()
    return
  }
  if (stranded) return
  const { id, directory, name } = message
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
  stranded = reply.stranded
  parentPort?.postMessage(reply)
  if (stranded && reply.fd === undefined) parentPort?.close()
})
