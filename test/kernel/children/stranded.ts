/** Creates where going back is not allowed: with a user namespace, but in the network namespace of the machine. Prints JSON. */
import { readdirSync, readlinkSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { NetlinkError } from '../../../src/error.ts'
import { Namespace } from '../../../src/namespace/namespace.ts'

async function main() {
  const home = readlinkSync('/proc/self/ns/net')
  const made = await Promise.all(Array.from({ length: 5 }, () => Namespace.create()))
  const different = new Set(made.map((ns) => ns.inode)).size
  const socket = await made[0]
    ?.openSocket(2, 1, 0)
    .catch((error: unknown) => (error instanceof NetlinkError ? error.code : error))
  for (const ns of made) await ns.delete()
  const isStranger = (id: string): boolean => {
    try {
      return readlinkSync(`/proc/self/task/${id}/ns/net`) !== home
    } catch {
      // It has ended since the directory was read.
      return false
    }
  }
  const strangers = () => readdirSync('/proc/self/task').filter(isStranger)
  for (let i = 0; i < 100 && strangers().length > 0; i++) await setTimeout(20)
  console.log(JSON.stringify({ different, threadsLeft: strangers().length, socket }))
}

void main()
