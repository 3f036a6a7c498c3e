/** How messages travel between a process and its helper: texts, one at a time, in order. */

export interface Channel {
  /** Sends in the order of calls. Never throws: that the other end is gone is seen by its process, not by a send. */
  send(message: string): void
  /**
   * Whether an answer is awaited. Only then does the channel keep the process alive, and while nothing is awaited nothing need be
   * received.
   */
  awaiting(yes: boolean): void
  close(): void
}

/** Gets each message; what is in it is not checked. */
export type Receive = (message: string) => void
