/** The answers to one batch: read, told apart by sequence number, and turned into settled promises. */
import { NLMSG, NLMSG_HDRLEN } from '../protocol/netlink/constants.ts'
import { hostLittleEndian } from '../protocol/wire/bytes.ts'
import type { Batch } from './batch.ts'
import { growBuffers, syncBuffer } from './buffers.ts'
import { eachMessage, errnoOf, extackOf, type Message } from './frame.ts'
import { answer, errno, type Pending } from './pending.ts'
import type { KernelSocket } from './socket.ts'

/** Datagrams for nobody (late answers to an earlier batch) that are read before giving up. */
const STRANGERS = 65_536

/** Reads the answers of a batch whose write has returned. Returns why some may be missing: an errno, or 0. */
export function collect(socket: KernelSocket, batch: Batch): number {
  const final = batch.pendings[batch.pendings.length - 1]
  if (final === undefined) return 0
  const { transaction } = batch
  let why = 0
  let strangers = 0
  const take = (message: Message): void => {
    const index = batch.index(message.seq)
    const pending =
      transaction === undefined ? batch.pendings[index] : index < transaction.messages ? transaction : undefined
    if (pending === undefined) strangers += 1
    else receive(pending, message, transaction === undefined ? 0 : index)
  }
  // A transaction's errors may come behind its ACKs, so all is read; otherwise the answer to the last message is the last.
  while ((transaction !== undefined || !complete(final)) && strangers < STRANGERS) {
    const buffer = syncBuffer()
    const length = socket.receiveSync(buffer.bytes)
    if (length === -errno.ENOBUFS || length === -errno.EINTR) {
      // The overrun is said once, and what did fit is still there.
      if (length === -errno.ENOBUFS) why = errno.ENOBUFS
      strangers += 1024
      continue
    }
    if (length < 0) {
      if (length !== -errno.EAGAIN) why = -length
      break
    }
    if (length === 0) strangers += 1
    const end = eachMessage(buffer, length, take)
    if (length === buffer.bytes.length) growBuffers(length)
    if (end === length) continue
    // The rest of this message is gone.
    strangers += 1
    if (end + NLMSG_HDRLEN <= length) {
      const cut = batch.find(buffer.view.getUint32(end + 8, hostLittleEndian))
      if (cut !== undefined) cut.cut = true
    }
  }
  return why
}

/** Whether nothing of the batch has to be asked again. */
export function answered({ pendings }: Batch): boolean {
  const final = pendings[pendings.length - 1]
  if (final === undefined || !complete(final)) return false
  return pendings.every(
    (pending) => pending.settled || (!pending.cut && (pending.call.idempotent !== true || complete(pending))),
  )
}

/** Settles what can be. `again` gets the GETs whose answer was lost. */
export function settle({ pendings }: Batch, why: number, again: (pending: Pending) => void): void {
  const lose = (pending: Pending, errno: number): void => {
    if (pending.lose(errno)) again(pending)
  }
  // The kernel works in order and reports every failure: an answer to a later request says that an earlier one without went
  // well, unless answers were lost.
  let answered = pendings.length - 1
  while (answered > 0 && pendings[answered]?.state === answer.none) answered -= 1
  for (const [i, pending] of pendings.entries()) {
    const { state, call } = pending
    if (pending.settled) continue
    if (pending.thrown !== undefined) pending.fail(pending.thrown.error)
    else if (state === answer.refused) pending.refuse()
    else if (pending.cut) lose(pending, errno.EMSGSIZE)
    else if (call.transaction === true) {
      if (why === 0 && (state === answer.done || pending.lastAck < 0)) pending.succeed()
      else lose(pending, why)
    } else if (complete(pending)) pending.succeed()
    else if (i < answered && why === 0 && call.answer !== 'reply') pending.succeed()
    else lose(pending, why)
  }
}

/** Whether all of the answer is there. */
function complete({ call, state }: Pending): boolean {
  return state >= answer.done || (state === answer.replied && call.answer === 'reply' && call.ack !== true)
}

/** One message of the answer. The first word counts: a repeated one changes nothing. */
function receive(pending: Pending, message: Message, index: number): void {
  const { call } = pending
  const transaction = call.transaction === true
  if (message.type === NLMSG.NLMSG_ERROR || message.type === NLMSG.NLMSG_DONE) {
    if (!transaction && pending.state >= answer.done) return
    const failed = errnoOf(message)
    const extack = extackOf(message)
    if (failed !== 0) {
      pending.refusals ??= []
      pending.refusals.push({ errno: failed, extack, index })
      pending.state = answer.refused
    } else if (pending.state !== answer.refused) {
      if (!transaction || index >= pending.lastAck) pending.state = answer.done
      if (extack !== undefined) pending.warning = extack
    }
    return
  }
  if (message.type <= NLMSG.NLMSG_OVERRUN) return
  if (!transaction && complete(pending)) return
  if (pending.state === answer.none) pending.state = answer.replied
  if (pending.settled || call.reply === undefined) return
  try {
    call.reply(message, index)
  } catch (error) {
    pending.thrown ??= { error }
  }
}
