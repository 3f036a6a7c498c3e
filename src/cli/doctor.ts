/** `netlink-ts doctor`: what works here, and what to do about what does not. */
import { release } from 'node:os'
import { type Command, parse, print, UsageError } from './command.ts'

const patients = (): Promise<typeof import('./patients.ts')> => import('./patients.ts')

const help = `Usage: netlink-ts doctor

Tries what netlink-ts does on this machine, as this user, and says what works and what to do about what does not. Nothing
is changed: what it makes is in a sandbox, which it removes.

  ok  works
  no  does not work, or is missing; the line below says what to do
  --  not needed, but better with it

Exit status: 0 if namespaces can be made, in this process or in a sandbox; 1 if neither.`

/** What was found out. */
export interface Finding {
  state: 'ok' | 'no' | '--'
  what: string
  /** What to do, a line each. */
  remedies?: readonly string[]
}

export const doctor: Command = {
  summary: 'tell what works on this machine, and what to do about the rest',
  help,
  async run(args) {
    const { positionals } = parse(args, {})
    if (positionals.length > 0) throw new UsageError(`no argument is taken, got '${positionals[0]}'`)
    let usable = false
    const tell = async ({ state, what, remedies = [] }: Finding) => {
      await print(`${state}  ${what}`)
      for (const remedy of remedies) await print(`      ${remedy}`)
    }
    await tell(kernel())
    const library = await ffi()
    await tell(library)
    if (library.state === 'no') return 1
    await tell(await netlink())
    const own = await inProcess()
    usable ||= own.state === 'ok'
    await tell(own)
    for (const finding of await tools()) await tell(finding)
    await tell(await datagrams())
    for (const finding of await sandbox()) {
      usable ||= finding.state === 'ok'
      await tell(finding)
    }
    return usable ? 0 : 1
  },
}

function atLeast(major: number, minor: number): boolean {
  const [ours = 0, below = 0] = release()
    .split('.')
    .map((part) => Number.parseInt(part, 10))
  return ours > major || (ours === major && below >= minor)
}

function kernel(): Finding {
  const what = `Linux ${release()}, Node ${process.version}`
  if (!atLeast(5, 4)) return { state: 'no', what, remedies: ['netlink-ts is made for Linux 5.4 and later'] }
  if (!atLeast(5, 6)) return { state: '--', what, remedies: ['sandboxes need Linux 5.6: pidfd_getfd(2)'] }
  return { state: 'ok', what }
}

async function ffi(): Promise<Finding> {
  try {
    const { libc } = await patients()
    libc()
    return { state: 'ok', what: 'system calls (koffi)' }
  } catch (error) {
    return {
      state: 'no',
      what: `system calls: koffi does not load (${reasonOf(error)})`,
      remedies: ['npm install, without --omit=optional: its binaries are optional dependencies'],
    }
  }
}

async function netlink(): Promise<Finding> {
  try {
    const { Netlink } = await patients()
    const nl = await Netlink.open()
    try {
      const links = await nl.link.list()
      return { state: 'ok', what: `netlink: ${links.length} links in this network namespace` }
    } finally {
      await nl.close()
    }
  } catch (error) {
    return {
      state: 'no',
      what: `netlink: ${reasonOf(error)}`,
      remedies: ['a seccomp filter (a container, a systemd unit with RestrictAddressFamilies=) may forbid AF_NETLINK'],
    }
  }
}

async function inProcess(): Promise<Finding> {
  const { homeNamespace, mayEnter } = await patients()
  if (mayEnter(homeNamespace()))
    return { state: 'ok', what: 'namespaces in this process: Namespace.create() (CAP_SYS_ADMIN)' }
  return {
    state: '--',
    what: 'namespaces in this process: not allowed (CAP_SYS_ADMIN)',
    remedies: ['not needed with a sandbox, below; else run as root'],
  }
}

async function tools(): Promise<Finding[]> {
  const { findProgram } = await patients()
  const install = (name: string) => `install util-linux (Debian: apt-get install util-linux), which has ${name}`
  const wanted: [string, 'no' | '--', string][] = [
    ['nsenter', 'no', 'for exec(), and for namespaces of containers'],
    ['unshare', 'no', 'for sandboxes, and for exec() with /sys'],
    ['setpriv', '--', 'for programs in a sandbox: they end with whoever waits for them'],
  ]
  return wanted.map(([name, state, use]) => {
    const path = findProgram(name)
    if (path !== undefined) return { state: 'ok', what: path }
    return { state, what: `${name} is missing: ${use}`, remedies: [install(name)] }
  })
}

async function datagrams(): Promise<Finding> {
  const { loadUnixDatagram } = await patients()
  const loaded = loadUnixDatagram()
  if (!(loaded instanceof Error)) return { state: 'ok', what: 'unix-dgram' }
  return {
    state: '--',
    what: "unix-dgram is not built: sandboxes talk over Node's IPC, a little slower",
    remedies: [
      'npm install unix-dgram',
      'it is compiled then: Debian has what that takes in python3, make and g++ (apt-get install python3 make g++)',
    ],
  }
}

async function sandbox(): Promise<Finding[]> {
  const { Namespace, Sandbox, userNamespaceCauses } = await patients()
  const start = performance.now()
  try {
    await using made = await Sandbox.create()
    const took = (performance.now() - start).toFixed(0)
    const namespace = await Namespace.create('doctor', made)
    await (await namespace.netlink()).close()
    const findings: Finding[] = [
      { state: 'ok', what: `sandbox: Sandbox.create() (${took} ms, over ${made.transport})` },
      await programs(namespace, true),
    ]
    await namespace.delete()
    return findings
  } catch (error) {
    const what = `sandbox: ${reasonOf(error)}`
    const remedies = userNamespaceCauses().map((cause) => `${cause.what}: ${cause.remedy}`)
    // What the error says already is not said again.
    return [{ state: 'no', what, remedies: remedies.filter((remedy) => !what.includes(remedy)) }]
  }
}

/** Programs in a namespace of the sandbox. Not part of the verdict: netlink works without them. */
async function programs(
  namespace: { exec(file: string, args: string[], options: { sysfs: boolean }): Promise<unknown> },
  sysfs: boolean,
): Promise<Finding> {
  try {
    await namespace.exec('true', [], { sysfs })
    if (sysfs) return { state: 'ok', what: 'programs in a namespace of the sandbox: exec()' }
    return {
      state: '--',
      what: 'programs in a namespace of the sandbox: only without its /sys',
      remedies: ["exec(file, args, { sysfs: false }); parts of this machine's /sys are covered, as in a container"],
    }
  } catch (error) {
    if (sysfs) return programs(namespace, false)
    return { state: 'no', what: `programs in a namespace of the sandbox: ${reasonOf(error)}` }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
