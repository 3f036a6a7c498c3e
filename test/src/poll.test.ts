/** The one wrapper around koffi.node.poll(), on a netlink socket of this machine; no rights are needed, and nothing is changed. */
import { closeSync, writeSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addressFamily, socketType } from '../../src/constants.ts'
import { connectNetlink, socket } from '../../src/libc.ts'
import { type Watch, watch } from '../../src/poll.ts'
import { Receiver } from '../../src/receiver.ts'
import { idle } from './fake-events.ts'
import { message } from './fake-kernel.ts'

let fd = 0
let watching: Watch | undefined
let receiver: Receiver

beforeEach(() => {
  const type = socketType.SOCK_RAW | socketType.SOCK_NONBLOCK | socketType.SOCK_CLOEXEC
  fd = socket(addressFamily.AF_NETLINK, type, 0)
  connectNetlink(fd)
  receiver = new Receiver()
})
afterEach(() => {
  watching?.close()
  closeSync(fd)
})

/** RTM_GETLINK of loopback: one answer. */
function ask(index = 1): void {
  const header = new Uint8Array(16)
  new Int32Array(header.buffer)[1] = index
  writeSync(fd, message(18, header, 1))
}

/** Long enough for the poll phase to come round a few times. */
const settle = () => idle(10)

describe('a watch', () => {
  test('wakes as long as there is something to read, and no longer', async () => {
    let woken = 0
    watching = watch(fd, () => {
      woken += 1
      return false
    })
    await settle()
    expect(woken).toBe(0)
    ask()
    await settle()
    expect(woken).toBeGreaterThan(2)
    expect(receiver.receive(fd)).toBe(1)
    await settle()
    const before = woken
    await settle()
    expect(woken).toBe(before)
  })

  test('looks again soon where there may be more', async () => {
    let left = 0
    watching = watch(fd, () => {
      receiver.receive(fd)
      left -= 1
      return left > 0
    })
    left = 5
    ask()
    await settle()
    expect(left).toBe(0)
  })

  test('stopped it does not, and started again it looks once', async () => {
    let woken = 0
    watching = watch(fd, () => {
      woken += 1
      return false
    })
    watching.stop()
    watching.stop()
    ask()
    await settle()
    expect(woken).toBe(0)
    receiver.receive(fd)
    watching.start()
    watching.start()
    await settle()
    expect(woken).toBe(1)
    ask()
    await settle()
    expect(woken).toBeGreaterThan(2)
  })

  test('closed it never does, also where it was about to, and nothing can be done wrong any more', async () => {
    let woken = 0
    const closed = watch(fd, () => {
      woken += 1
      return true
    })
    ask()
    await new Promise((resolve) => setImmediate(() => resolve(closed.close())))
    const before = woken
    for (const call of [closed.start, closed.stop, closed.ref, closed.unref, closed.close]) call.call(closed)
    await settle()
    expect(woken).toBe(before)
  })

  test('may be closed, stopped and started from within', async () => {
    let woken = 0
    const closing = watch(fd, () => {
      woken += 1
      if (woken === 1) {
        closing.stop()
        closing.start()
      } else closing.close()
      return true
    })
    ask()
    await settle()
    expect(woken).toBe(2)
  })
})

describe('recvmmsg()', () => {
  test('tells length and sender of each datagram, and where the bytes are', () => {
    for (let i = 0; i < 3; i += 1) ask()
    expect(receiver.receive(fd)).toBe(3)
    for (let slot = 0; slot < 3; slot += 1) {
      expect(receiver.length(slot)).toBe(new Uint32Array(receiver.bytes.buffer, receiver.start(slot), 1)[0])
      expect([receiver.cut(slot), receiver.sender(slot), receiver.nsid(slot)]).toEqual([false, 0, undefined])
    }
    expect(receiver.receive(fd)).toBeLessThan(0)
  })

  test('takes as many as there are slots', () => {
    for (let i = 0; i < 40; i += 1) ask()
    expect([receiver.receive(fd), receiver.receive(fd)]).toEqual([32, 8])
  })

  test('says what did not fit, and a larger one takes it', () => {
    const small = new Receiver(2, 256)
    ask()
    expect(small.receive(fd)).toBe(1)
    expect(small.cut(0)).toBe(true)
    const whole = small.length(0)
    ask()
    const larger = small.grown().grown()
    expect([larger.slots, larger.receive(fd)]).toEqual([1, 1])
    expect([larger.cut(0), larger.length(0)]).toEqual([false, whole])
  })
})
