/** The order in which requests leave: that of the calls, with look-ups ahead of what waits for them. */
import { type Item, Marker, Pending, Task } from './pending.ts'

/** A first-in-first-out list which costs nothing a removal. */
class Line<T> {
  #items: T[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  at(index: number): T | undefined {
    return this.#items[this.#head + index]
  }

  shift(): void {
    this.#head += 1
    if (this.#head === this.#items.length) {
      this.#items = []
      this.#head = 0
    } else if (this.#head > 4096) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
  }

  clear(): T[] {
    const items = this.#items.slice(this.#head)
    this.#items = []
    this.#head = 0
    return items
  }
}

/** Requests that are answered at once, a microsecond or two each, are not worth a job of the pool: to wake its thread takes 5 to 60. */
const FEW = 16
/** Tasks that create names are started ahead of each other, so many: they may hold sockets. */
const TOGETHER = 64

export class Queue {
  readonly #line = new Line<Item>()
  /** Look-ups of started tasks and GETs that are asked again. */
  readonly #urgent = new Line<Pending>()
  /** Tasks in the line before this index have been started. */
  #started = 0
  /** Those of them that create names. */
  #creators: Task[] = []

  /** What stands in line. */
  get length(): number {
    return this.#line.length
  }

  get empty(): boolean {
    return this.#line.length === 0 && this.#urgent.length === 0
  }

  /** All that waits is a few questions that the kernel answers at once. */
  get quick(): boolean {
    if (this.#line.length + this.#urgent.length > FEW) return false
    for (const item of this.items()) if (!item.unlocked) return false
    return true
  }

  push(item: Item): void {
    this.#line.push(item)
  }

  pushUrgent(pending: Pending): void {
    this.#urgent.push(pending)
  }

  /** Removes everything. */
  clear(): Item[] {
    this.#started = 0
    this.#creators = []
    return [...this.#urgent.clear(), ...this.#line.clear()]
  }

  /** Everything that may expire. */
  *items(): Generator<Item> {
    for (let i = 0; i < this.#urgent.length; i += 1) yield this.#urgent.at(i) as Item
    for (let i = 0; i < this.#line.length; i += 1) {
      const item = this.#line.at(i) as Item
      yield item
      if (item instanceof Task) yield* item.pending
    }
  }

  /**
   * Takes what may leave now, as long as `fits` says yes, and then starts the tasks whose look-ups may go: those which no
   * unsent request that could change a name stands before. `passed` gets the markers that were reached.
   */
  take(fits: (pending: Pending) => boolean, passed: (marker: Marker) => void, start: (task: Task) => void): void {
    do {
      if (!this.#takeUrgent(fits)) return
      this.#takeLine(fits, passed)
      // What a task asks for or sends at once travels in the same write.
    } while (this.#start(start))
  }

  #takeUrgent(fits: (pending: Pending) => boolean): boolean {
    for (;;) {
      const pending = this.#urgent.at(0)
      if (pending === undefined) return true
      if (pending.settled) pending.written()
      else if (!fits(pending)) return false
      this.#urgent.shift()
    }
  }

  #takeLine(fits: (pending: Pending) => boolean, passed: (marker: Marker) => void): void {
    for (;;) {
      const item = this.#line.at(0)
      if (item === undefined) return
      if (item instanceof Marker) passed(item)
      else if (item instanceof Task) {
        if (item.pending.length === 0 && !item.settled) return
        for (let next = item.pending[0]; next !== undefined; next = item.pending[0]) {
          if (next.settled) next.written()
          else if (!fits(next)) return
          item.pending.shift()
        }
        item.placed = true
      } else if (item.settled) item.written()
      else if (!fits(item)) return
      this.#line.shift()
      if (this.#started > 0) this.#started -= 1
    }
  }

  /** Whether it started any. */
  #start(start: (task: Task) => void): boolean {
    let any = false
    for (;;) {
      // All before it have been looked at: only the last can be one that blocks.
      const before = this.#started === 0 ? undefined : this.#line.at(this.#started - 1)
      if (before?.names === true && !before.settled) return any
      const item = this.#line.at(this.#started)
      if (item === undefined) return any
      const task = item instanceof Task && !item.settled ? item : undefined
      if (task !== undefined && this.#mustWait(task)) return any
      this.#started += 1
      if (task === undefined) continue
      if (task.creates.length > 0) this.#creators.push(task)
      start(task)
      any = true
    }
  }

  /** For those that create names: what one of them makes may be what it looks up, or they are too many. */
  #mustWait(task: Task): boolean {
    if (this.#creators.length === 0) return false
    this.#creators = this.#creators.filter(({ placed, settled }) => !placed && !settled)
    return this.#creators.length === TOGETHER || this.#creators.some((each) => task.mayLookUp(each))
  }
}

/** Rejects what never reaches the kernel, or whose answer nobody reads any more. */
export function drop(item: Item): void {
  if (item instanceof Task) for (const pending of item.pending) drop(pending)
  item.close()
  if (item instanceof Pending) item.written()
}
