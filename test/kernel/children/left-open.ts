/** Leaves a sandbox open: that must not keep the process. Prints how it talks to its helper. */
import { Namespace } from '../../../src/namespace/namespace.ts'
import { Sandbox } from '../../../src/namespace/sandbox.ts'

async function main() {
  const sandbox = await Sandbox.create()
  await Namespace.create('one', sandbox)
  console.log(sandbox.transport)
}

void main()
