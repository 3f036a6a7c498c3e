/** The examples about NAT and firewalls as nobody runs them: in a sandbox, to their end, interrupted. As root CI runs them as they are. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { bundle } from './bundle.ts'
import { root } from './hosts.ts'

const outside = (): string => execFileSync('ip', ['-br', 'link'], { encoding: 'utf8' })

/** Runs it as nobody, as plain JavaScript that any user may read; `kill` looks at each output. */
async function run(name: string, kill: (output: string) => boolean = () => false) {
  const program = await bundle(`../../../examples/${name}`, 'esm')
  try {
    const rights = ['--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all', '--']
    const child = spawn('setpriv', [...rights, process.execPath, program.main], {
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [output, errors] = ['', '']
    child.stdout.on('data', (chunk) => {
      output += chunk
      if (kill(output)) child.kill('SIGINT')
    })
    child.stderr.on('data', (chunk) => (errors += chunk))
    const [code] = await once(child, 'close')
    return { code, output, errors }
  } finally {
    program.remove()
  }
}

// Becoming nobody takes root of the machine.
describe.runIf(root)('without root', () => {
  test.each(['nat-masquerade', 'publish-port', 'firewall'])('%s works in a sandbox', async (name) => {
    const before = outside()
    const { code, output, errors } = await run(name)
    expect(errors).toBe('')
    expect(code).toBe(0)
    expect(output).toMatch(/\nok\n$/)
    expect(outside()).toBe(before)
  })
  test('SIGINT ends it, and the status says so', async () => {
    let sent = false
    const { code, output } = await run('publish-port', (text) => {
      if (sent || !text.includes('\n1. ')) return false
      sent = true
      return true
    })
    expect(code).toBe(130)
    expect(output).not.toContain('\nok')
  })
})
