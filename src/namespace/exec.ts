/** Runs programs in a namespace: `ip netns exec NAME CMD ARGS`, without touching this process. */
import { existsSync } from 'node:fs'
import type { Options, ResultPromise } from 'execa'
import { invalid, NetlinkError } from '../error.ts'
import type { NamespaceHandle } from './host.ts'

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

/**
 * The mounts of iproute2's netns_switch() (lib/namespace.c), then the command in place of the shell: same process, arguments untouched.
 * In a subshell, so that no variable of ours reaches the command.
 */
const mountsThenExec = `
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
shift
exec FD<&-
exec "$@"
`

/** Starts the command: execa's subprocess, wrapped, for it is a promise itself. Rejects with NetlinkError where it cannot be started at all. */
export async function spawn<O extends ExecOptions>(
  handle: NamespaceHandle,
  file: string,
  args: readonly string[],
  options: O | undefined,
): Promise<{ subprocess: ResultPromise<O> }> {
  const { sysfs = true, stdio, ...given }: ExecOptions = options ?? {}
  if (typeof file !== 'string' || file === '') throw invalid(operation, 'file', 'it is empty')
  for (const unsupported of ['shell', 'node'] as const)
    if (given[unsupported])
      throw invalid(operation, `options.${unsupported}`, 'it is not supported here: name the program itself')
  const rest: Options = { ...given }
  const streams = stdioOf(stdio, given)
  for (const stream of ['stdin', 'stdout', 'stderr'] as const) delete rest[stream]
  const position = streams.length
  if (position > 9) throw invalid(operation, 'options.stdio', 'at most 9 streams')
  const words = ['--', file, ...args]
  if (sysfs) {
    const script = mountsThenExec.replace('FD', String(position))
    words.splice(
      0,
      1,
      '--',
      find('unshare'),
      '--mount',
      '--propagation',
      'slave',
      '--',
      '/bin/sh',
      '-c',
      script,
      'sh',
      handle.name ?? '',
    )
  }
  const enter = [...handle.nsenter, `--net=/proc/self/fd/${position}`]
  const nsenter = find('nsenter')
  // The namespace travels as a descriptor: a name or a pid could be another's by then. The child has it when execa() returns.
  const fd = handle.descriptor.retain()
  try {
    // On first use: it takes longer to load than all the rest. Not by require(), which fails under tsx.
    const { execa } = await import('execa')
    // execa's types know descriptors 0 to 9 only, execa itself any number.
    const stdio = [...streams, fd] as unknown as Exclude<Options['stdio'], undefined>
    const subprocess = execa(nsenter, [...enter, ...words], { ...rest, stdio })
    // The streams are those of O, the descriptor behind them aside.
    return { subprocess: subprocess as unknown as ResultPromise<O> }
  } finally {
    handle.descriptor.release()
  }
}

function stdioOf(stdio: Options['stdio'], { stdin, stdout, stderr }: Options): readonly unknown[] {
  if (stdio === undefined) return [stdin ?? 'pipe', stdout ?? 'pipe', stderr ?? 'pipe']
  if (stdin !== undefined || stdout !== undefined || stderr !== undefined)
    throw invalid(operation, 'options.stdio', 'give it or stdin, stdout and stderr')
  if (!isArray(stdio)) return [stdio, stdio, stdio]
  return [...[0, 1, 2].map((index) => stdio[index] ?? 'pipe'), ...stdio.slice(3)]
}

const isArray = (value: unknown): value is readonly unknown[] => Array.isArray(value)

const places = ['/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** A program of util-linux, by path: the command's own PATH may be another. */
function find(program: string): string {
  for (const folder of [...(process.env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/')), ...places])
    if (existsSync(`${folder}/${program}`)) return `${folder}/${program}`
  throw new NetlinkError({
    code: 'ENOENT',
    operation,
    subject: program,
    reason: 'it is needed and not installed (package util-linux)',
    outcome: 'unsent',
  })
}
