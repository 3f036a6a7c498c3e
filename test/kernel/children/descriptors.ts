/** What is open in this process. */
import { readdirSync, readlinkSync } from 'node:fs'

/** What the descriptors are of, sorted; without the one of the listing. */
export function descriptors(): string[] {
  return readdirSync('/proc/self/fd')
    .flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`).replace(/\[\d+\]/, '')]
      } catch {
        return []
      }
    })
    .sort()
}
