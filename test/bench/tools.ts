/** What the contenders are made of: our programs compiled with the library as it is shipped, C programs, the npm package. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
/** Inside of node_modules, so that the programs find the dependencies, and nobody lints or packs them. */
const cache = `${root}node_modules/.cache/netlink-ts-bench`

/** Folders of programs, or why there are none. */
export interface Tools {
  /** Of our compiled programs. */
  ours: string
  /** Of programs in other languages, as they stand in the repository. */
  peers: string
  c: { folder: string } | { missing: string }
  npm: { modules: string } | { missing: string }
  ip: { found: true } | { missing: string }
  nft: { found: true } | { missing: string }
}

export function buildTools(): Tools {
  const programs = readdirSync(`${root}test/bench/ours`).map((file) => `test/bench/ours/${file}`)
  run(`${root}build.sh`, [`${cache}/js`, 'test/bench/inside.ts', ...programs])
  writeFileSync(`${cache}/js/package.json`, '{ "type": "module" }\n')
  return {
    ours: `${cache}/js/test/bench`,
    peers: `${root}test/bench/peers`,
    c: buildC(`${root}test/bench/c`, `${cache}/c`),
    npm: installPackage(`${cache}/npm`),
    ip: works('ip', ['-V']) ? { found: true } : { missing: 'there is no ip (iproute2)' },
    nft: works('nft', ['--version']) ? { found: true } : { missing: 'there is no nft (nftables)' },
  }
}

function buildC(sources: string, folder: string): Tools['c'] {
  if (!works('cc', ['--version'])) return { missing: 'there is no cc' }
  mkdirSync(folder, { recursive: true })
  for (const file of readdirSync(sources)) {
    if (!file.endsWith('.c')) continue
    const program = `${folder}/${file.slice(0, -2)}`
    const nft = file === 'nft.c'
    const built = works('cc', [
      '-O2',
      '-Wall',
      '-o',
      program,
      `${sources}/${file}`,
      '-lmnl',
      ...(nft ? ['-lnftnl'] : []),
    ])
    // Who has no libnftnl-dev goes without this one.
    if (!built && !nft) return { missing: 'cc cannot compile against libmnl (libmnl-dev)' }
  }
  return { folder }
}

/** On demand, outside of the project's dependencies. Its binary is prebuilt. */
function installPackage(folder: string): Tools['npm'] {
  mkdirSync(folder, { recursive: true })
  const modules = `${folder}/node_modules`
  if (!existsSync(`${modules}/netlink`)) {
    writeFileSync(`${folder}/package.json`, '{ "private": true }\n')
    works('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--no-save', 'netlink@0.3.0'])
  }
  const loads = works('node', ['-e', `require('${modules}/netlink')`])
  return loads ? { modules } : { missing: 'npm install netlink@0.3.0 failed, or it does not load' }
}

function works(file: string, args: string[]): boolean {
  try {
    execFileSync(file, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function run(file: string, args: string[]): void {
  execFileSync(file, args, { stdio: ['ignore', 'inherit', 'inherit'] })
}
