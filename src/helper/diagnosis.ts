/** Why a helper may not do what it is for: what the machine says of itself, and what to do about it. */
import { existsSync, readFileSync } from 'node:fs'

export interface Cause {
  what: string
  remedy: string
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** A container's filter, most often: 2 is SECCOMP_MODE_FILTER. */
function filtered(): boolean {
  return /^Seccomp:\s*2$/m.test(read('/proc/self/status') ?? '')
}

const seccomp = (call: string): Cause => ({
  what: `a seccomp filter is in force, which may forbid ${call}`,
  remedy: 'in a container, run it with --security-opt seccomp=unconfined or a profile that allows the call',
})

/** Why user namespaces cannot be made here. */
export function userNamespaceCauses(): Cause[] {
  const causes: Cause[] = []
  if (!existsSync('/proc/self/ns/user'))
    causes.push({
      what: 'the kernel has no user namespaces',
      remedy: 'use a kernel with CONFIG_USER_NS, or run as root',
    })
  for (const kind of ['user', 'net', 'mnt', 'pid'])
    if (read(`/proc/sys/user/max_${kind}_namespaces`) === '0')
      causes.push({
        what: `user.max_${kind}_namespaces is 0`,
        remedy: `sysctl -w user.max_${kind}_namespaces=15000 (as root)`,
      })
  if (read('/proc/sys/kernel/unprivileged_userns_clone') === '0')
    causes.push({
      what: 'kernel.unprivileged_userns_clone is 0',
      remedy: 'sysctl -w kernel.unprivileged_userns_clone=1 (as root)',
    })
  if (read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1')
    causes.push({
      what: 'AppArmor takes the rights away from user namespaces of unprivileged users',
      remedy:
        'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (as root), or an AppArmor profile for /usr/bin/unshare with "userns,"',
    })
  if (filtered()) causes.push(seccomp('unshare(2) of user namespaces'))
  return causes
}

/** Why descriptors of the helper cannot be fetched: pidfd_getfd(2) asks for the right to trace it, ptrace(2). */
export function fetchCauses(code: string): Cause[] {
  if (code === 'ENOSYS')
    return [{ what: 'pidfd_getfd(2) needs kernel 5.6, or a seccomp filter hides it', remedy: 'use a newer kernel' }]
  const causes: Cause[] = []
  if (read('/proc/sys/kernel/yama/ptrace_scope') === '3')
    causes.push({
      what: 'kernel.yama.ptrace_scope is 3',
      remedy: 'it can be lowered only by a restart: set it to 2 or less in /etc/sysctl.d',
    })
  if (filtered()) causes.push(seccomp('pidfd_getfd(2)'))
  causes.push({
    what: 'a node binary which the user may not read, or with set-user-id or file capabilities, is not dumpable',
    remedy: `use a plain one (getcap ${process.execPath})`,
  })
  return causes
}

/** For an error's reason. */
export function sentence(causes: readonly Cause[]): string {
  return causes.map(({ what, remedy }) => `${what}: ${remedy}`).join('; or ')
}
