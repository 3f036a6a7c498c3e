/** The channel over Node's IPC, for where unix-dgram is not built: slower, and it needs nothing. */
import type { Channel, Receive } from './channel.ts'

/** Both ends of Node's IPC look the same: a ChildProcess with a channel, and `process` in the child. */
interface End {
  connected: boolean
  send?: ((message: string, done: (error: Error | null) => void) => boolean) | undefined
  disconnect?: (() => void) | undefined
  channel?: { ref?(): void; unref?(): void } | null | undefined
  on(event: 'message', listener: (message: unknown) => void): unknown
  off(event: 'message', listener: (message: unknown) => void): unknown
}

export class IpcChannel implements Channel {
  readonly #end: End
  readonly #receive: (message: unknown) => void

  constructor(end: End, receive: Receive) {
    this.#end = end
    this.#receive = (message) => {
      if (typeof message === 'string') receive(message)
    }
    end.on('message', this.#receive)
  }

  send(message: string): void {
    // The callback keeps a lost channel from being thrown.
    if (this.#end.connected) this.#end.send?.(message, () => undefined)
  }

  awaiting(yes: boolean): void {
    if (yes) this.#end.channel?.ref?.()
    else this.#end.channel?.unref?.()
  }

  close(): void {
    this.#end.off('message', this.#receive)
    if (this.#end.connected) this.#end.disconnect?.()
  }
}
