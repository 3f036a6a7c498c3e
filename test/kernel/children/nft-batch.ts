/**
 * Loads so many rules in one nl.nft.batch() in the namespace it is started in, to be killed meanwhile; `steps` as third argument: in several
 * transactions. Says 'ready', waits for a byte, then says the rules of each transaction right before the kernel gets it; 'done' at the end.
 */
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { NFT_MSG_NEWRULE } from '../../../protocol/netfilter/nftables/operations.ts'
import { eachMessage, frame } from '../../../src/frame.ts'
import { Namespace, Netlink } from '../../../src/index.ts'
import { openSocket } from '../../../src/socket.ts'
import type { TraceEvent } from '../../../src/trace.ts'

const say = (line: string | number) => writeSync(1, `${line}\n`)

function rules({ direction, bytes }: TraceEvent): number {
  let count = 0
  if (direction === 'send')
    eachMessage(frame(bytes), bytes.length, ({ type }) => {
      if (type === NFT_MSG_NEWRULE.type) count += 1
    })
  return count
}

/** Send buffers do not grow: as where the user has no rights on the machine, and net.core.wmem_max is what it usually is. */
async function keepSmall(): Promise<void> {
  const socket = await openSocket(async (protocol) => (await Namespace.current()).openSocket(16, 3, protocol), 12)
  Object.getPrototypeOf(socket).growSend = () => {}
  await socket.close()
}

async function main(count: number, steps: boolean) {
  const trace = (event: TraceEvent) => {
    const sent = rules(event)
    if (sent > 0) say(sent)
  }
  if (steps) await keepSmall()
  const nl = await Netlink.open({ trace })
  await nl.nft.batch((b) => {
    b.table.add({ name: 't' })
    b.chain.add({ table: 't', name: 'c' })
  })
  say('ready')
  await once(process.stdin, 'data')
  await nl.nft.batch(
    (b) => {
      for (let i = 0; i < count; i += 1)
        b.rule.add({ table: 't', chain: 'c', rule: [{ counter: null }, { accept: null }], comment: String(i) })
    },
    { steps },
  )
  say('done')
  await nl.close()
  process.stdin.destroy()
}

void main(Number(process.argv[2]), process.argv[3] === 'steps')
