/** Creates and deletes the namespace named by the argument until it is killed, 10 s at most. */
import { Namespace } from '../../../src/namespace/namespace.ts'

async function main() {
  const end = Date.now() + 10_000
  while (Date.now() < end) {
    const ns = await Namespace.create(process.argv[2])
    await ns.delete({ wait: false })
  }
}

void main()
