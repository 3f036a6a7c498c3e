#!/usr/bin/env node
/** The `netlink-ts` command: finds the subcommand, turns errors into messages and exit statuses. Loads no native module, but for the doctor's patients. */
import { readFileSync } from 'node:fs'
import { type Command, InputError, UsageError } from './command.ts'
import { decode } from './decode.ts'
import { doctor } from './doctor.ts'
import { encode } from './encode.ts'

const commands: Readonly<Record<string, Command>> = { decode, encode, doctor }

const help = `Usage: netlink-ts COMMAND [OPTION...]

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join('\n')}

  --help      this text; netlink-ts COMMAND --help tells of one command
  --version   the version of netlink-ts`

/** The same from src/cli and from dist/src/cli. */
function version(): string {
  for (let up = '../..'; up.length < 20; up += '/..') {
    try {
      const found: unknown = JSON.parse(readFileSync(new URL(`${up}/package.json`, import.meta.url), 'utf8'))
      if (typeof found === 'object' && found !== null && 'version' in found) return String(found.version)
    } catch {
      // Not this folder: one further up.
    }
  }
  return 'unknown'
}

async function run([name, ...args]: string[]): Promise<number> {
  if (name === '--version') {
    console.log(version())
    return 0
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    console.log((args[0] !== undefined && commands[args[0]]?.help) || help)
    return 0
  }
  if (name === undefined) throw new UsageError('a command is missing')
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) throw new UsageError(`no command '${name}': there are ${Object.keys(commands).join(', ')}`)
  if (args.includes('--help') || args.includes('-h')) {
    console.log(command.help)
    return 0
  }
  return command.run(args)
}

// `| head`: whoever read has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

const args = process.argv.slice(2)
try {
  process.exitCode = await run(args)
} catch (error) {
  if (!(error instanceof UsageError || error instanceof InputError)) throw error
  const name = args[0] !== undefined && Object.hasOwn(commands, args[0]) ? ` ${args[0]}` : ''
  const hint = error instanceof UsageError ? `\nTry netlink-ts${name} --help.` : ''
  process.stderr.write(`netlink-ts${name}: ${error.message}${hint}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
