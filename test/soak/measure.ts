/** What must not grow: heap and sockets. */
import { readdirSync, readlinkSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose_gc')
const gc: () => void = runInNewContext('gc')

export const MiB = 1 << 20

/** What is reachable, in bytes. */
export async function heap(): Promise<number> {
  // What has just settled is let go of in the next turn.
  await new Promise(setImmediate)
  gc()
  return process.memoryUsage().heapUsed
}

/** Open sockets, once those that wait for their last job in the pool are closed. Other descriptors come and go with the thread that creates namespaces, which ends when it is idle. */
export async function sockets(): Promise<number> {
  let count = openSockets()
  for (let before = -1, tries = 0; before !== count && tries < 100; tries += 1) {
    await delay(20)
    before = count
    count = openSockets()
  }
  return count
}

function openSockets(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:')
    } catch {
      // That of the listing itself.
      return false
    }
  }).length
}

/** 0 <= next() < 1, the same row for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), 1 | state)
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32
  }
}

/** 11.0.0.0/8, one by one. */
export const host = (i: number): string => `11.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}/32`
