/**
 * The helper process: what `unshare` or `nsenter` of launch.ts run. It serves this process's own host to its parent, and ends when its
 * standard input does: that is when the parent ends, however it does.
 */
import { readFileSync, readSync, rmSync, statSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import { ignoreSignal } from '../libc.ts'
import { InProcessHost } from '../namespace/in-process.ts'
import { homeNamespace } from '../namespace/stretch.ts'
import type { Channel, Receive } from './channel.ts'
import { DatagramChannel, loadUnixDatagram } from './datagram.ts'
import { makeFolder } from './folder.ts'
import { IpcChannel } from './ipc.ts'
import { type Instructions, parseInstructions, version, write } from './protocol.ts'
import { privateRunDirectory } from './run-directory.ts'
import { Server } from './server.ts'

function main(): void {
  const { version: theirs, token, sockets, folder, mounts } = parseInstructions(readLine())
  if (theirs !== version) throw new Error(`version ${version} of the helper was started by version ${theirs}`)
  endWithParent(folder)
  if (folder !== undefined) {
    makeFolder(folder)
    writeSync(1, 'the folder is there\n')
  }
  // Orphans of what runs in the sandbox become children of this process, the first of its pid namespace: they are not to stay as zombies.
  if (process.pid === 1) ignoreSignal(constants.signals.SIGCHLD)
  if (mounts) privateRunDirectory()
  const server = new Server(new InProcessHost(), token, (message) => channel.send(message))
  const channel = open(sockets, (message) => server.receive(message))
  const fd = homeNamespace()
  channel.send(
    write(token, { hello: version, fd, inode: statSync('/proc/thread-self/ns/net').ino, capable: capable() }),
  )
}

/** Node's own stream would read on in the pool, and there is nothing else to do yet. */
function readLine(): string {
  const line: number[] = []
  const byte = Buffer.alloc(1)
  while (readSync(0, byte) === 1 && byte[0] !== 10) line.push(byte[0] ?? 0)
  return Buffer.from(line).toString()
}

function endWithParent(folder: string | undefined): void {
  // 'exit' comes with an exception too: the parent may have gone while it is being answered.
  if (folder !== undefined) process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const end = () => process.exit()
  process.stdin.on('end', end).on('error', end).resume()
}

function open(sockets: Instructions['sockets'], receive: Receive): Channel {
  if (!sockets) return new IpcChannel(process, receive)
  const library = loadUnixDatagram()
  if (library instanceof Error) throw library
  return new DatagramChannel(library, sockets, receive)
}

/** linux/capability.h: CAP_NET_ADMIN and CAP_SYS_ADMIN. */
const needed = (1n << 12n) | (1n << 21n)

function capable(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  return (BigInt(`0x${effective}`) & needed) === needed
}

main()
