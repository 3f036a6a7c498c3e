/**
 * Opens sockets in the namespace named by the argument before libuv's pool exists, then while fs, dns and timers run, and prints the threads'
 * namespaces. Run as CommonJS.
 */
import { lookup } from 'node:dns'
import { closeSync, openSync, readdirSync, readFile, readlinkSync } from 'node:fs'
import { addressFamily, socketType } from '../../../src/constants.ts'
import { fileInside, socketInside } from '../../../src/namespace/stretch.ts'

const threads = () => readdirSync('/proc/self/task')
const namespaces = () => threads().map((thread) => readlinkSync(`/proc/self/task/${thread}/ns/net`))
const open = () => closeSync(socketInside(namespace, addressFamily.AF_INET, socketType.SOCK_DGRAM, 0))

const home = readlinkSync('/proc/self/ns/net')
const namespace = openSync(process.argv[2] ?? '', 'r')
const atFirst = threads().length
for (let i = 0; i < 100; i++) open()
closeSync(fileInside(namespace, '/proc/sys/net/ipv4/ip_forward', 0))
const beforePool = threads().length

let left = 2_000
let strangers = 0
function step() {
  left -= 1
  for (let i = 0; i < 5; i++) open()
  readFile('/proc/self/ns/net', () => {})
  readFile('/etc/hostname', () => open())
  if (left % 20 === 0) lookup('localhost', () => open())
  // From an await and from a timer: the main thread is at home whenever JavaScript yields.
  void Promise.resolve().then(() => {
    if (readlinkSync('/proc/thread-self/ns/net') !== home) strangers += 1
  })
  if (left > 0) setTimeout(step, 0)
  else setTimeout(report, 50)
}

function report() {
  const all = namespaces()
  strangers += all.filter((each) => each !== home).length
  console.log(JSON.stringify({ atFirst, beforePool, threads: all.length, strangers }))
}

step()
