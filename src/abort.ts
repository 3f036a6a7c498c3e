/**
 * One listener an AbortSignal, however many calls it may end: Node warns of a leak from the 11th on, and looks through all
 * of them to remove one.
 */

const listening = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls `listener` on abort, unless forget() comes first. */
export function onAbort(signal: AbortSignal, listener: () => void): void {
  const known = listening.get(signal)
  if (known !== undefined) {
    known.add(listener)
    return
  }
  const listeners = new Set([listener])
  listening.set(signal, listeners)
  signal.addEventListener('abort', () => {
    for (const each of listeners) each()
    listeners.clear()
  })
}

export function forget(signal: AbortSignal, listener: () => void): void {
  listening.get(signal)?.delete(listener)
}
