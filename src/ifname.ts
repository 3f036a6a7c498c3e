/** The name of a device by its index, told by a socket of its namespace. */
import { hostLittleEndian } from '../protocol/wire/bytes.ts'
import { ioctlRequest } from './constants.ts'
import { libc } from './libc.ts'

/** struct ifreq { char ifr_name[16]; int ifr_ifindex; ... }, 40 bytes on 64 bits. */
const request = Buffer.alloc(40)
const ifindex = new DataView(request.buffer, request.byteOffset + 16, 4)

/**
 * SIOCGIFNAME: some 2 us, and not behind the lock of the kernel, which a question by RTM_GETLINK waits for (netdev_get_name(), net/core/dev.c). Or a negative
 * errno: -ENODEV where there is none of the index. Indexes are not used again until 2^31 of them have been.
 */
export function ifname(socket: number, index: number): string | number {
  const calls = libc()
  ifindex.setInt32(0, index, hostLittleEndian)
  if (calls.ioctl(socket, ioctlRequest.SIOCGIFNAME, request) !== 0) return -calls.errno()
  return request.toString('utf8', 0, request.indexOf(0))
}
