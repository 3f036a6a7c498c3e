/**
 * TUN devices in a process of its own: `missing` where there is no /dev/net/tun, `idle` ends although a device is open, `waiting` is kept alive by a
 * packet that is awaited, `own` opens tap0 where it is, `terminate` ends thirty Workers wherever they are. Prints what it saw.
 */
import { readdirSync, readlinkSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { Namespace, NetlinkError, Tun } from '../../../src/index.ts'

const print = (value: unknown) => process.stdout.write(JSON.stringify(value))

async function missing(): Promise<void> {
  await using ns = await Namespace.create()
  const failures = await Promise.allSettled([
    Tun.create({ mode: 'tap' }),
    Tun.create({ mode: 'tap', namespace: ns }),
    Tun.open('lo', { namespace: ns }),
  ])
  print(
    failures.map((each) =>
      each.status === 'rejected' && each.reason instanceof NetlinkError
        ? { code: each.reason.code, operation: each.reason.operation, message: each.reason.message }
        : String(each),
    ),
  )
}

/** Its devices are in a namespace that ends with the process. */
async function idle(): Promise<void> {
  const ns = await Namespace.create()
  const tap = await Tun.create({ mode: 'tap', namespace: ns })
  const read = tap.read({ signal: AbortSignal.timeout(20) })
  print(await read.catch(({ code }) => code))
}

async function waiting(): Promise<void> {
  const ns = await Namespace.create()
  const nl = await ns.netlink()
  const tap = await Tun.create({ mode: 'tap', namespace: ns })
  setTimeout(() => nl.link.set('tap0', { up: true }), 200).unref()
  // Of IPv6: the device reports where it is.
  const packet = await tap.read()
  print(packet?.readUInt16BE(12))
}

async function own(): Promise<void> {
  const opened = Tun.open('tap0').then(
    async (tap) => {
      await tap.close()
      return tap.mode
    },
    ({ code, message }) => ({ code, message }),
  )
  print(await opened)
}

async function worker(fd: number): Promise<void> {
  const ns = await Namespace.open({ fd })
  for (let round = 0; ; round += 1) {
    const tap = await Tun.create({ mode: 'tap', namespace: ns })
    const reading = tap.read()
    parentPort?.postMessage(round)
    await delay(Math.random() * 3)
    await tap.close()
    await reading
  }
}

async function terminate(): Promise<void> {
  const open = () =>
    readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).includes('net/tun') ? [fd] : []
      } catch {
        return []
      }
    }).length
  await using ns = await Namespace.create()
  await using nl = await ns.netlink()
  let rounds = 0
  for (let i = 0; i < 30; i += 1) {
    const thread = new Worker(fileURLToPath(import.meta.url), { workerData: { fd: ns.fd } })
    await new Promise((resolve) => thread.once('message', resolve))
    thread.on('message', () => (rounds += 1))
    await delay(Math.random() * 80)
    await thread.terminate()
  }
  print({ open: open(), links: (await nl.link.list()).length, worked: rounds > 5 })
}

if (isMainThread) {
  const modes = { missing, idle, waiting, own, terminate }
  await modes[process.argv[2] as keyof typeof modes]()
} else await worker(workerData.fd)
