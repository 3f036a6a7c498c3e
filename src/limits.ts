/** How long a call of several steps may go on: its signal, and its deadline as one for all of them. */
import { forget, onAbort } from './abort.ts'
import { Alarm } from './alarm.ts'
import { aborted, timedOut } from './call.ts'
import type { CallControl } from './client.ts'
import type { NetlinkError } from './error.ts'

export class Limits {
  readonly #operation: string
  readonly #signal: AbortSignal | undefined
  readonly #deadline: number | undefined
  readonly #begun: number

  /** `begun`: when the call came. */
  constructor(operation: string, { signal, deadline }: CallControl, begun: number = performance.now()) {
    this.#begun = begun
    this.#operation = operation
    this.#signal = signal
    this.#deadline = deadline
  }

  /** What is left for the next step; throws where nothing is. */
  left(): CallControl {
    const over = this.#over()
    if (over !== undefined) throw over
    const deadline = this.#deadline === undefined ? undefined : this.#begun + this.#deadline - performance.now()
    return { signal: this.#signal, deadline }
  }

  /** What a step gives that changes nothing, or at once the error of a call that is over; the step is left to itself then. */
  within<T>(step: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const end = (): void => {
        const over = this.#over()
        if (over !== undefined) settle(() => reject(over))
      }
      const alarm = new Alarm(() => {
        end()
        return this.#ends
      })
      const settle = (how: () => void): void => {
        alarm.clear()
        if (this.#signal !== undefined) forget(this.#signal, end)
        how()
      }
      step.then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => settle(() => reject(error)),
      )
      alarm.set(this.#ends)
      if (this.#signal !== undefined) onAbort(this.#signal, end)
      end()
    })
  }

  /** On the clock of performance.now(). */
  get #ends(): number {
    return this.#begun + (this.#deadline ?? Number.POSITIVE_INFINITY)
  }

  #over(): NetlinkError | undefined {
    const call = { operation: this.#operation, subject: undefined }
    if (this.#signal?.aborted === true) return aborted(call, false, this.#signal.reason)
    if (performance.now() < this.#ends) return undefined
    return timedOut(call, false, this.#deadline ?? 0)
  }
}
