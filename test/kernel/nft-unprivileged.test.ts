/** nl.nft, nl.nat and nl.conntrack of a user without rights: told what is missing, and the same in a sandbox, where nothing is. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { bundle } from './bundle.ts'
import { root } from './hosts.ts'
import { packages } from './unix-dgram.ts'

const missing = 'this takes CAP_NET_ADMIN in the user namespace that owns the network namespace (EPERM)'

// Becoming nobody takes root of the machine.
test.runIf(root)(
  'without CAP_NET_ADMIN each call says so; in a sandbox, and in a namespace of it, all of them work',
  async () => {
    const program = await bundle('nft-no-rights', 'esm', [...packages])
    try {
      const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all']
      const args = ['--net', ...nobody, process.execPath, program.main]
      const { stdout, stderr } = await promisify(execFile)('unshare', args, { cwd: '/', timeout: 40_000 })
      expect(stderr).toBe('')
      const { without, within, deep } = JSON.parse(stdout)
      const { 'nat.forwarding': forwarding, ...calls } = without
      for (const [name, told] of Object.entries(calls))
        expect(told, name).toMatchObject({
          code: 'EPERM',
          outcome: 'refused',
          message: expect.stringContaining(missing),
        })
      for (const name of [
        'nft.batch',
        'nft.list',
        'nft.update',
        'nat.masquerade',
        'nat.forward',
        'nat.remove',
        'nat.list',
      ])
        expect(calls[name]).toMatchObject({ operation: name })
      // A sysctl: nobody has to enter a namespace for it, and it may be read.
      expect(forwarding).toEqual({
        code: 'EACCES',
        operation: 'nat.forwarding',
        outcome: 'refused',
        message:
          'nat.forwarding net.ipv4.ip_forward: /proc/sys/net/ipv4/ip_forward: this takes root of the namespace, or CAP_NET_ADMIN in the user namespace that owns it (EACCES)',
      })
      expect(calls['nft.table.add']).toMatchObject({ message: expect.stringMatching(/^nft\.table\.add ip u: /) })
      const done = Object.fromEntries(Object.keys(without).map((name) => [name, 'done']))
      expect(Object.keys(done).length).toBeGreaterThan(10)
      expect(within).toEqual(done)
      expect(deep).toEqual(done)
    } finally {
      program.remove()
    }
  },
)
