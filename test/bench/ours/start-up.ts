/** start-up: a dump of the links, and nothing else. */
import { Netlink } from '../../../src/index.ts'

const nl = await Netlink.open()
if ((await nl.link.list()).length === 0) throw new Error('no links')
await nl.close()
