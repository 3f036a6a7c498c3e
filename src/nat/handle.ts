/** A rule that was made, as its maker holds it. */

export class NatHandle implements AsyncDisposable {
  /** By which remove() and list() know it. */
  readonly name: string
  /** This call made it; false: it was there. */
  readonly created: boolean
  readonly #remove: () => Promise<void>

  /** @internal */
  constructor(name: string, created: boolean, remove: () => Promise<void>) {
    this.name = name
    this.created = created
    this.#remove = remove
  }

  /** Removes the rule, if it is still there, and what was set for it. */
  remove(): Promise<void> {
    return this.#remove()
  }

  /** Removes it where this call made it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.created) await this.#remove()
  }
}
