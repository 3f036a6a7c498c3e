/** The messages of protocols. Those of NETLINK_ROUTE are always there, the others come when somebody needs them. */
import { type Protocol, protocol as unknownProtocol } from '../protocol/netlink/operation.ts'
import { route } from '../protocol/route/operations.ts'

/** A protocol before its messages are known. */
export type NamedProtocol = Pick<Protocol, 'name' | 'number'>

export function schemaOf({ name, number }: NamedProtocol): Protocol | Promise<Protocol> {
  return name === route.name ? route : loaded(name, number)
}

async function loaded(name: string, number: number): Promise<Protocol> {
  const { protocols } = await import('../protocol/protocols.ts')
  return Object.hasOwn(protocols, name) ? protocols[name as keyof typeof protocols] : unknownProtocol(name, number, [])
}
