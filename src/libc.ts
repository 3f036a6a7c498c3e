/**
 * The C library: every call that Node.js lacks, declared once, and nothing else.
 *
 * Each function returns what the call returns, or throws a NetlinkError with the errno as `code` and the call's name as
 * `operation`. They run on the calling thread and block it as long as the call does; the `...Async` variants run in the libuv pool.
 */
import { addressFamily, socketType } from './constants.ts'
import { errnoName, NetlinkError } from './error.ts'
import { type Koffi, loadKoffi } from './koffi.ts'

/** A system call as koffi declares it: -1 is failure. */
type Call = (...args: unknown[]) => number
type AsyncCall = Call & { async(...args: unknown[]): void }

/** The bare calls: they return -1 and leave the reason in errno(). For stretches in which nothing may be thrown. */
export interface Libc {
  errno(): number
  socket(domain: number, type: number, protocol: number): number
  bind(fd: number, address: Uint8Array, length: number): number
  connect(fd: number, address: Uint8Array, length: number): number
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number
  getsockopt(fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array): number
  setns(fd: number, type: number): number
  unshare(flags: number): number
  mount: ((source: string, target: string, type: string, flags: number, data: null) => number) & AsyncCall
  umount2: ((target: string, flags: number) => number) & AsyncCall
  flock: ((fd: number, operation: number) => number) & AsyncCall
  dup3(from: number, to: number, flags: number): number
  fcntl(fd: number, command: number, argument: number): number
  ioctl: ((fd: number, request: number, argument: Uint8Array | null) => number) & AsyncCall
  /** ioctl(2) whose argument is a number and no pointer. */
  ioctlNumber: ((fd: number, request: number, argument: number) => number) & AsyncCall
  read(fd: number, bytes: Uint8Array, length: number): number
  write(fd: number, bytes: Uint8Array, length: number): number
  recvmmsg: ((fd: number, messages: Uint8Array, length: number, flags: number, timeout: null) => number) & AsyncCall
  open(path: string, flags: number, mode: number): number
  close(fd: number): number
  send(fd: number, bytes: Uint8Array, length: number, flags: number): number
  recv(fd: number, buffer: Uint8Array, length: number, flags: number): number
  syscall(number: number, a: number, b: number, c: number): number
  signal(number: number, handler: number): number
  abort(): void
  /** What koffi itself knows. */
  readonly pointerSize: number
  /** Where these bytes are in memory, for structures that hold pointers. Keep `bytes` referenced as long as the address is used. */
  address(bytes: Uint8Array): bigint
  /** For poll.ts and nobody else: see there for what must not be done with it. */
  poll(fd: number, events: PollEvents, callback: PollCallback): PollHandle
}

/** What koffi.node.poll() takes and gives: uv_poll_t. koffi's own declaration lacks the status. */
export interface PollEvents {
  readable: boolean
}
/** `status` is 0, or a negative errno after which polling has stopped. */
export type PollCallback = (status: number) => void
export interface PollHandle {
  start(events: PollEvents, callback: PollCallback): void
  stop(): void
  ref(): void
  unref(): void
  close(): void
}

let loaded: Libc | undefined

/**
 * The bare calls, loaded on first use.
 *
 * The symbols come from the process itself (node links libc dynamically, glibc or musl), so no library name is needed.
 */
export function libc(): Libc {
  loaded ??= declare(loadKoffi())
  return loaded
}

function declare(koffi: Koffi): Libc {
  const library = koffi.load(null)
  const declared = (definition: string) => library.func(definition)
  return {
    errno: () => koffi.errno(),
    socket: declared('int socket(int domain, int type, int protocol)'),
    bind: declared('int bind(int fd, const void *address, uint32_t length)'),
    connect: declared('int connect(int fd, const void *address, uint32_t length)'),
    setsockopt: declared('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)'),
    getsockopt: declared('int getsockopt(int fd, int level, int name, void *value, void *length)'),
    setns: declared('int setns(int fd, int type)'),
    unshare: declared('int unshare(int flags)'),
    mount: declared(
      'int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data)',
    ),
    umount2: declared('int umount2(const char *target, int flags)'),
    flock: declared('int flock(int fd, int operation)'),
    dup3: declared('int dup3(int from, int to, int flags)'),
    // fcntl, ioctl, open and syscall are variadic in C; with integer and pointer arguments only, the calling conventions of
    // every architecture koffi supports pass them as if they were not (x86-64 reads %al for floating point alone).
    fcntl: declared('int fcntl(int fd, int command, long argument)'),
    ioctl: declared('int ioctl(int fd, unsigned long request, void *argument)'),
    ioctlNumber: declared('int ioctl(int fd, unsigned long request, unsigned long argument)'),
    read: declared('long read(int fd, void *bytes, unsigned long length)'),
    write: declared('long write(int fd, const void *bytes, unsigned long length)'),
    recvmmsg: declared('int recvmmsg(int fd, void *messages, unsigned int length, int flags, void *timeout)'),
    open: declared('int open(const char *path, int flags, unsigned int mode)'),
    close: declared('int close(int fd)'),
    // A datagram's length always fits a double.
    send: declared('intptr_t send(int fd, const void *bytes, uintptr_t length, int flags)'),
    recv: declared('intptr_t recv(int fd, void *buffer, uintptr_t length, int flags)'),
    syscall: declared('long syscall(long number, long a, long b, long c)'),
    // A handler is a pointer; SIG_IGN is the number 1.
    signal: declared('long signal(int number, long handler)'),
    abort: declared('void abort()'),
    pointerSize: koffi.sizeof('void *'),
    address: (bytes) => koffi.address(bytes),
    poll: koffi.node.poll as unknown as Libc['poll'],
  }
}

/** The error for the errno that the call which has just failed left behind. */
export function libcError(operation: string, subject?: string, errno: number = libc().errno()): NetlinkError {
  return new NetlinkError({ code: errnoName(errno), operation, subject })
}

function checked(result: number, operation: string, subject?: string): number {
  if (result < 0) throw libcError(operation, subject)
  return result
}

/** koffi hands the errno of the pool's thread to the callback (its AsyncCall::Complete), so errno() is right in there. */
function inPool(
  call: AsyncCall,
  operation: string,
  subject: string | undefined,
  args: readonly unknown[],
): Promise<number> {
  return new Promise((resolve, reject) => {
    call.async(...args, (error: unknown, result: number) => {
      if (error) reject(error)
      else if (result < 0) reject(libcError(operation, subject))
      else resolve(result)
    })
  })
}

const word = (fd: number) => `descriptor ${fd}`

/** socket(2): a new descriptor. Add SOCK_CLOEXEC and SOCK_NONBLOCK to `type`. */
export function socket(domain: number, type: number, protocol: number): number {
  return checked(libc().socket(domain, type, protocol), 'socket')
}

/** dup3(2): the number `to` is a copy of the descriptor, in place of what was open there, with O_CLOEXEC. */
export function dup3(fd: number, to: number): number {
  // SOCK_CLOEXEC is O_CLOEXEC (include/linux/net.h).
  return checked(libc().dup3(fd, to, socketType.SOCK_CLOEXEC), 'dup3', word(fd))
}

/** bind(2) to an encoded sockaddr. */
export function bind(fd: number, address: Uint8Array, subject = word(fd)): void {
  checked(libc().bind(fd, address, address.length), 'bind', subject)
}

/** connect(2) to an encoded sockaddr. */
export function connect(fd: number, address: Uint8Array, subject = word(fd)): void {
  checked(libc().connect(fd, address, address.length), 'connect', subject)
}

/** setsockopt(2) with raw bytes. */
export function setsockopt(fd: number, level: number, name: number, value: Uint8Array): void {
  checked(libc().setsockopt(fd, level, name, value, value.length), 'setsockopt', `${level}/${name}`)
}

/** setsockopt(2) with an int. */
export function setsockoptInt(fd: number, level: number, name: number, value: number): void {
  setsockopt(fd, level, name, bytesOf(Int32Array.of(value)))
}

/** getsockopt(2) of an int. */
export function getsockoptInt(fd: number, level: number, name: number): number {
  const value = Int32Array.of(0)
  const length = Uint32Array.of(value.byteLength)
  checked(libc().getsockopt(fd, level, name, bytesOf(value), bytesOf(length)), 'getsockopt', `${level}/${name}`)
  return value[0] ?? 0
}

/** getsockopt(2) of `words` unsigned ints. */
export function getsockoptWords(fd: number, level: number, name: number, words: number): Uint32Array {
  const value = new Uint32Array(words)
  const length = Uint32Array.of(value.byteLength)
  checked(libc().getsockopt(fd, level, name, bytesOf(value), bytesOf(length)), 'getsockopt', `${level}/${name}`)
  return value
}

/** Connects an AF_NETLINK socket to the kernel (portid 0): other senders then get ECONNREFUSED. */
export function connectNetlink(fd: number): void {
  // struct sockaddr_nl { __kernel_sa_family_t nl_family; unsigned short nl_pad; __u32 nl_pid; __u32 nl_groups; } in host order.
  const address = bytesOf(Uint32Array.of(0, 0, 0))
  address.set(bytesOf(Uint16Array.of(addressFamily.AF_NETLINK)))
  connect(fd, address)
}

/** setns(2): moves the calling thread, and only it. See namespace/stretch.ts for the one place where that is safe. */
export function setns(fd: number, type: number): void {
  checked(libc().setns(fd, type), 'setns', word(fd))
}

/** unshare(2): moves the calling thread, and only it. */
export function unshare(flags: number): void {
  checked(libc().unshare(flags), 'unshare')
}

/** mount(2). */
export function mount(source: string, target: string, type: string, flags: number): void {
  checked(libc().mount(source, target, type, flags, null), 'mount', target)
}

/** umount2(2). */
export function umount2(target: string, flags: number): void {
  checked(libc().umount2(target, flags), 'umount2', target)
}

/** umount2(2) in the libuv pool: it waits for a grace period of the kernel. */
export async function umount2Async(target: string, flags: number): Promise<void> {
  await inPool(libc().umount2, 'umount2', target, [target, flags])
}

/** flock(2). Without LOCK_NB it waits for whoever holds the lock. */
export function flock(fd: number, operation: number): void {
  checked(libc().flock(fd, operation), 'flock', word(fd))
}

/** fcntl(2) with an integer argument. */
export function fcntl(fd: number, command: number, argument = 0): number {
  return checked(libc().fcntl(fd, command, argument), 'fcntl', word(fd))
}

/** ioctl(2); `argument` is read and written in place. */
export function ioctl(fd: number, request: number, argument: Uint8Array | null = null): number {
  return checked(libc().ioctl(fd, request, argument), 'ioctl', `0x${request.toString(16)}`)
}

/** ioctl(2) in the libuv pool. `argument` must not be touched before the promise settles. */
export function ioctlAsync(fd: number, request: number, argument: Uint8Array | null = null): Promise<number> {
  return inPool(libc().ioctl, 'ioctl', `0x${request.toString(16)}`, [fd, request, argument])
}

/** The same where the argument is a number. */
export function ioctlNumberAsync(fd: number, request: number, argument: number): Promise<number> {
  return inPool(libc().ioctlNumber, 'ioctl', `0x${request.toString(16)}`, [fd, request, argument])
}

/** signal(2) with SIG_IGN. Of SIGCHLD: children that end leave no zombie. */
export function ignoreSignal(number: number): void {
  checked(libc().signal(number, 1), 'signal', String(number))
}

/** The same numbers on every architecture (asm-generic/unistd.h): they are younger than the unified tables. */
const systemCall = { pidfd_open: 434, pidfd_getfd: 438 } as const

/** pidfd_open(2), kernel 5.3: a close-on-exec descriptor of the process. */
export function pidfdOpen(pid: number): number {
  return checked(libc().syscall(systemCall.pidfd_open, pid, 0, 0), 'pidfd_open', `process ${pid}`)
}

/** pidfd_getfd(2), kernel 5.6: a close-on-exec duplicate of `fd` in the process. */
export function pidfdGetfd(pidfd: number, fd: number): number {
  return checked(libc().syscall(systemCall.pidfd_getfd, pidfd, fd, 0), 'pidfd_getfd', word(fd))
}

function bytesOf(array: Int32Array | Uint32Array | Uint16Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}
