/** Runs programs in a namespace: `ip netns exec NAME CMD ARGS`, without touching this process. */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Options, ResultPromise } from 'execa'
import { show } from '../../protocol/wire/codec.ts'
import { invalid } from '../error.ts'
import { checkArray, checkBoolean, checkObject, checkText } from '../input.ts'
import { signalChild } from './child.ts'
import type { NamespaceHandle } from './host.ts'
import { findProgram, needProgram } from './program.ts'

/** execa's options (but `shell` and `node`), and one of ours. */
export type ExecOptions = Options & {
  /**
   * What `ip netns exec` does to the file system, in a mount namespace of the command's own (the default): /sys shows the
   * namespace's devices, and the files of /etc/netns/NAME/ lie over those of /etc. `false` skips it: some 10 ms faster, and needs no
   * right to mount.
   */
  sysfs?: boolean
}

const operation = 'namespace.exec'

/** The mounts of iproute2's netns_switch() (lib/namespace.c). In a subshell, so that no variable of ours reaches the command. */
const mountSysfs = `
(
  PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
  name=$1 flags=rw
  if ! umount -l /sys 2>/dev/null; then
    while read -r source target type options rest; do
      if [ "$target" = /sys ]; then case $options in ro|ro,*) flags=ro ;; *) flags=rw ;; esac; fi
    done </proc/self/mounts
  fi
  mount -t sysfs -o "$flags" "\${name:-netns}" /sys || exit
  [ -n "$name" ] || exit 0
  for file in /etc/netns/"$name"/* /etc/netns/"$name"/.[!.]* /etc/netns/"$name"/..?*; do
    [ -e "$file" ] || continue
    mount --bind "$file" "/etc/\${file##*/}" || echo "Bind $file -> /etc/\${file##*/} failed" >&2
  done
  exit 0
) || { echo 'netlink-ts: mount of /sys failed (exec with sysfs: false does without)' >&2; exit 255; }
`
/** Entering a mount namespace leads to '/'. Where the caller named no folder, and the own one is not in there, it stays. */
const goTo = (given: boolean) => (given ? 'cd -- "$2" || exit 126' : 'cd -- "$2" 2>/dev/null || :')
/** Only one digit: what dash takes. */
const lastDescriptor = 9

/** Starts the command: execa's subprocess, wrapped, for it is a promise itself. Rejects with NetlinkError where it cannot be started at all. */
export async function spawn<O extends ExecOptions>(
  handle: NamespaceHandle,
  file: string,
  args: readonly string[],
  options: O | undefined,
): Promise<{ subprocess: ResultPromise<O> }> {
  checkCommand(file, args)
  if (options !== undefined) checkObject(operation, 'options', options)
  const { sysfs = true, stdio, ...given }: ExecOptions = options ?? {}
  checkBoolean(operation, 'sysfs', sysfs)
  for (const unsupported of ['shell', 'node'] as const)
    if (given[unsupported] !== undefined && given[unsupported] !== false)
      throw invalid(operation, unsupported, 'it is not supported here: name the program itself')
  const cwd = folderOf(given.cwd)
  const rest: Options = { ...given }
  const streams = stdioOf(stdio, given)
  for (const stream of ['stdin', 'stdout', 'stderr'] as const) delete rest[stream]
  const { surroundings } = handle
  const descriptors = surroundings ? [handle.descriptor, surroundings.folder] : [handle.descriptor]
  const numbers = descriptors.map((_, index) => streams.length + index)
  if (streams.length + descriptors.length - 1 > lastDescriptor)
    throw invalid(operation, 'stdio', `at most ${lastDescriptor + 1 - descriptors.length} streams`)
  const [inside, folder] = numbers.map((number) => `/proc/self/fd/${number}`)
  const around = surroundings && folder !== undefined ? surroundings.options(folder) : []
  const forks = surroundings?.forks === true
  const words = [...around, `--net=${inside}`, '--', ...(forks ? dyingWithParent() : [])]
  if (sysfs) words.push(needProgram(operation, 'unshare'), '--mount', '--propagation', 'slave', '--')
  if (sysfs || surroundings?.mounts) {
    // The command in place of the shell: same process, arguments untouched.
    const steps = [
      sysfs ? mountSysfs : '',
      surroundings?.mounts ? goTo(given.cwd !== undefined) : '',
      'shift 2',
      ...numbers.map((number) => `exec ${number}<&-`),
      'exec "$@"',
    ]
    words.push('/bin/sh', '-c', steps.join('\n'), 'sh', handle.name ?? '', cwd)
  }
  const nsenter = needProgram(operation, 'nsenter')
  // Namespaces travel as descriptors: a name or a pid could be another's by then. The child has them when execa() returns.
  const retained = descriptors.map((descriptor) => ({ descriptor, fd: descriptor.retain() }))
  try {
    // On first use: it takes longer to load than all the rest. Not by require(), which fails under tsx.
    const { execa } = await import('execa')
    // execa's types know descriptors 0 to 9 only, execa itself any number.
    const stdio = [...streams, ...retained.map(({ fd }) => fd)] as unknown as Exclude<Options['stdio'], undefined>
    const subprocess = started(() => execa(nsenter, [...words, file, ...args], { ...rest, stdio }))
    if (surroundings?.forks) signalChild(subprocess, given, statSync(`/proc/self/fd/${surroundings.folder.fd}/pid`).ino)
    // The streams are those of O, the descriptors behind them aside.
    return { subprocess: subprocess as unknown as ResultPromise<O> }
  } finally {
    for (const { descriptor } of retained) descriptor.release()
  }
}

/** A NUL would end what follows it. */
function checkCommand(file: unknown, args: unknown): void {
  checkText(operation, 'file', file)
  checkArray(operation, 'args', args)
  for (const [index, arg] of args.entries())
    if (typeof arg !== 'string' || arg.includes('\0'))
      throw invalid(operation, `args[${index}]`, `must be a string without NUL, got ${show(arg)}`)
}

/** execa throws what it finds wrong with its options; of what cannot be started its promise tells. */
function started<T>(start: () => T): T {
  try {
    return start()
  } catch (error) {
    throw invalid(operation, 'options', error instanceof Error ? error.message : String(error), error)
  }
}

/** Where nsenter has to stay outside, to wait for the command: a SIGKILL that it gets is one for the command. */
function dyingWithParent(): string[] {
  const setpriv = findProgram('setpriv')
  return setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--']
}

function folderOf(cwd: string | URL = '.'): string {
  if (cwd instanceof URL && cwd.protocol === 'file:') return resolve(fileURLToPath(cwd))
  if (typeof cwd === 'string' && !cwd.includes('\0')) return resolve(cwd)
  throw invalid(operation, 'cwd', `must be a string without NUL or a file URL, got ${show(cwd)}`)
}

function stdioOf(stdio: Options['stdio'], { stdin, stdout, stderr }: Options): readonly unknown[] {
  if (stdio === undefined) return [stdin ?? 'pipe', stdout ?? 'pipe', stderr ?? 'pipe']
  if (stdin !== undefined || stdout !== undefined || stderr !== undefined)
    throw invalid(operation, 'stdio', 'give it or stdin, stdout and stderr')
  if (!isArray(stdio)) return [stdio, stdio, stdio]
  return [...[0, 1, 2].map((index) => stdio[index] ?? 'pipe'), ...stdio.slice(3)]
}

const isArray = (value: unknown): value is readonly unknown[] => Array.isArray(value)
