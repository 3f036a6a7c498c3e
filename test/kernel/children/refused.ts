/** What a process without rights is told. Prints the error as JSON. */
import { NetlinkError } from '../../../src/error.ts'
import { Namespace } from '../../../src/namespace/namespace.ts'

const told: Record<string, unknown> = {}
async function ask(what: string, action: () => Promise<unknown>) {
  try {
    await action()
  } catch (error) {
    told[what] = error instanceof NetlinkError ? { code: error.code, message: error.message } : String(error)
  }
}

async function main() {
  await ask('create', () => Namespace.create('refused'))
  await ask('anonymous', () => Namespace.create())
  await ask('socket', async () => (await Namespace.current()).openSocket(2, 1, 0))
  console.log(JSON.stringify(told))
}

void main()
