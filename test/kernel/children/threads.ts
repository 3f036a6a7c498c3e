/** What tests of worker threads wait for. */
import type { Worker } from 'node:worker_threads'

export const message = (worker: Worker) =>
  new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
export const exit = (worker: Worker) => new Promise((resolve) => worker.once('exit', resolve))
