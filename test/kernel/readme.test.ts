/** The blocks of README.md: all of them compile, and those that need nothing but a kernel do what they say without an error. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Block, program } from './readme.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
let folder = ''
let file = ''
let blocks: Block[] = []

beforeAll(() => {
  const modules = {
    'netlink-ts': `${root}src/index.ts`,
    'netlink-ts/nft': `${root}src/nft/build/index.ts`,
    'netlink-ts/protocol': `${root}protocol/index.ts`,
  }
  folder = mkdtempSync(join(tmpdir(), 'readme-'))
  file = join(folder, 'README.mts')
  const made = program(readFileSync(`${root}README.md`, 'utf8'), modules)
  blocks = made.blocks
  writeFileSync(file, made.text)
})
afterAll(() => rmSync(folder, { recursive: true }))

test('all of them compile, as strictly as everything here', async () => {
  expect(blocks.length).toBeGreaterThan(10)
  const config = {
    extends: `${root}tsconfig.json`,
    compilerOptions: {
      // What a block shows it need not use.
      noUnusedLocals: false,
      // Nothing is emitted.
      rewriteRelativeImportExtensions: false,
      typeRoots: [`${root}node_modules/@types`],
    },
    files: [file],
    include: [],
  }
  const path = join(folder, 'tsconfig.json')
  writeFileSync(path, JSON.stringify(config))
  const { stdout } = await run(`${root}node_modules/.bin/tsc`, ['-p', path]).catch((error: { stdout: string }) => error)
  // Lines are those of README.md.
  expect(stdout.replaceAll(/^.*README\.mts/gm, 'README.md')).toBe('')
})

/** They wait for somebody, or for something that only words describe. */
const others = ['work with namespaces?', 'make a TUN or TAP device, and be the network myself?', 'see what changes?']

test('those that can run alone do', async () => {
  const steps = blocks
    .filter(({ heading }) => !others.includes(heading))
    .map(({ line, heading }) => ({ name: `line${line}`, heading }))
  expect(steps.length).toBe(blocks.length - others.length)
  const script = 'mount -t tmpfs tmpfs /run && mkdir /run/netns && exec "$@"'
  const child = [process.execPath, '--import', 'tsx', 'test/kernel/children/readme.ts', file, JSON.stringify(steps)]
  const args = ['--net', '--mount', 'sh', '-c', script, 'sh', ...child]
  const { stdout, stderr } = await run('unshare', args, { cwd: root, timeout: 30_000, killSignal: 'SIGKILL' })
  expect(stdout, stderr).toMatch(new RegExp(`^${steps.length} done$`, 'm'))
})
