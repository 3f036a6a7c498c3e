/**
 * Loads koffi. Its JavaScript looks for the binary and wraps functions that are not used here, 15 ms of every start and 10 of every Worker
 * (the binary itself takes 1), so where the binary is sure to be found it is opened without.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

export type Koffi = typeof import('koffi')

/** As package.json pins it: of another one nobody knows whether it is the same without its JavaScript. */
export const koffiVersion = '3.3.4'

export function loadKoffi(): Koffi {
  return binary() ?? (createRequire(import.meta.url)('koffi') as Koffi)
}

/** undefined where something is not as it usually is (another processor, musl, a bundle, a build of one's own): koffi knows them all. */
function binary(): Koffi | undefined {
  const { arch } = process
  if (arch !== 'x64' && arch !== 'arm64') return undefined
  const module: { exports: Partial<Koffi> } = { exports: {} }
  try {
    // The binary for glibc may load on musl, and crash later.
    if (readFileSync('/proc/self/maps', 'latin1').includes('/ld-musl-')) return undefined
    const file = new URL(`../@koromix/koffi-linux-${arch}/linux_${arch}/koffi.node`, import.meta.resolve('koffi'))
    process.dlopen(module, fileURLToPath(file))
  } catch {
    return undefined
  }
  // All of it is there, or this is another version.
  return module.exports.version === koffiVersion ? (module.exports as Koffi) : undefined
}
