/** What children/workers.ts and its like print of their descriptors. */
export interface Seen {
  before: string[]
  after: string[]
  [more: string]: unknown
}

/** What is open that was not. */
export function left({ before, after }: Seen): string[] {
  const known = [...before]
  return after.filter((each) => {
    const at = known.indexOf(each)
    if (at >= 0) known.splice(at, 1)
    return at < 0
  })
}
