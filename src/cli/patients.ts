/** What the doctor looks at. One file, loaded when it is asked for: each dynamic import splits the build into more files, and each takes 1 ms to load. */
export { loadUnixDatagram } from '../helper/datagram.ts'
export { userNamespaceCauses } from '../helper/diagnosis.ts'
export { libc } from '../libc.ts'
export { Namespace } from '../namespace/namespace.ts'
export { findProgram } from '../namespace/program.ts'
export { Sandbox } from '../namespace/sandbox.ts'
export { homeNamespace, mayEnter } from '../namespace/stretch.ts'
export { Netlink } from '../netlink.ts'
