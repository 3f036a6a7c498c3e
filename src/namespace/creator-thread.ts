/** The thread that creates namespaces: started on first use, asked one at a time, ended when idle. */
import { closeSync } from 'node:fs'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import { copy } from '../adopt.ts'
import { NetlinkError } from '../error.ts'
import type { CreateReceipt, CreateReply, CreateRequest } from './creator-worker.ts'

/** An idle thread costs some 5 MB, starting one some 30 ms. */
const idleMs = 5_000

interface Waiting {
  request: CreateRequest
  resolve(fd: number): void
  reject(error: unknown): void
}

export class CreatorThread {
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0

  /** The descriptor of a new namespace; creator.ts has the steps. */
  create(directory: string, name: string | undefined): Promise<number> {
    const worker = this.#started()
    const request: CreateRequest = { id: ++this.#lastId, directory, name }
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { request, resolve, reject })
      worker.ref()
      worker.postMessage(request)
    })
  }

  /** Ends the thread once what it was asked is done. */
  close(): void {
    clearTimeout(this.#idle)
    if (this.#waiting.size > 0) return
    const worker = this.#worker
    this.#worker = undefined
    void worker?.terminate()
  }

  #started(): Worker {
    clearTimeout(this.#idle)
    if (this.#worker) return this.#worker
    const worker = startWorker()
    this.#worker = worker
    worker.on('message', (reply: CreateReply) => this.#settle(worker, reply))
    worker.on('error', (error) => this.#lost(worker, error))
    worker.on('exit', () => this.#lost(worker))
    return worker
  }

  #settle(worker: Worker, { id, fd, error, stranded }: CreateReply): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (fd === undefined) waiting?.reject(new NetlinkError(error ?? { code: 'EIO', operation: 'namespace.create' }))
    else this.#take(worker, { taken: fd }, waiting)
    if (stranded) {
      this.#replace()
      return
    }
    if (this.#waiting.size > 0) return
    // Nobody is waiting: it must not keep the process alive.
    worker.unref()
    this.#idle = setTimeout(() => this.close(), idleMs).unref()
  }

  /** Copies the descriptor, which the thread closes then. */
  #take(worker: Worker, receipt: CreateReceipt, waiting: Waiting | undefined): void {
    try {
      const fd = copy(receipt.taken)
      if (waiting) waiting.resolve(fd)
      else closeSync(fd)
    } catch (error) {
      waiting?.reject(error)
    }
    worker.postMessage(receipt)
  }

  /** The thread ends after this answer, in the namespace it made: it may not go back. What waits was not begun, and gets another thread. */
  #replace(): void {
    this.#worker = undefined
    if (this.#waiting.size === 0) return
    const worker = this.#started()
    for (const { request } of this.#waiting.values()) worker.postMessage(request)
  }

  /** The thread is gone: what it did with the requests it had is not known. */
  #lost(worker: Worker, cause?: Error): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    clearTimeout(this.#idle)
    for (const { reject } of this.#waiting.values())
      reject(
        new NetlinkError({
          code: 'ECANCELED',
          operation: 'namespace.create',
          reason: 'the creating thread ended',
          outcome: 'unknown',
          cause,
        }),
      )
    this.#waiting.clear()
  }
}

/**
 * From dist/ the entry is JavaScript. From the sources (tests, examples) it is TypeScript, for which a Worker has no loader of its
 * own, and `--import tsx` does not reach a Worker's entry: so tsx loads it by its API.
 */
function startWorker(): Worker {
  // Not the parent's execArgv: a loader or an inspector in there is of no use here and slows the start.
  const options: WorkerOptions = { execArgv: [] }
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./creator-worker.js', import.meta.url), options)
  const entry = new URL('./creator-worker.ts', import.meta.url)
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  const load = `import(${loader}).then(({ tsImport }) => tsImport(${JSON.stringify(entry.href)}, ${JSON.stringify(import.meta.url)}))`
  return new Worker(load, { ...options, eval: true })
}
