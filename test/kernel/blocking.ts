/** Set-up of the project `blocking`: the services' tests once more, each client on the calling thread. */
import { Namespace, type NetlinkOptions } from '../../src/index.ts'

const { netlink } = Namespace.prototype
Namespace.prototype.netlink = function (options: Omit<NetlinkOptions, 'namespace'> = {}) {
  return netlink.call(this, { blocking: true, ...options })
}
