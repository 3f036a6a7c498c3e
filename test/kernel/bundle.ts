/** Programs of ours as plain JavaScript that any user may read: what an installed package is, without packing one. */
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What native packages load themselves. */
const behind: Readonly<Record<string, readonly string[]>> = {
  koffi: ['@koromix'],
  'unix-dgram': ['bindings', 'file-uri-to-path'],
}

export interface Bundle {
  /** main.js, with creator-worker.js and the helper's entry.js beside it, and native packages below node_modules. */
  directory: string
  main: string
  remove(): void
}

/** Bundles test/kernel/children/NAME.ts. As CommonJS nothing starts libuv's pool before the program does: loading an ES module does.
 * Without 'unix-dgram' among the packages it is as where that could not be built. */
export async function bundle(name: string, format: 'esm' | 'cjs', packages = ['koffi']): Promise<Bundle> {
  const directory = mkdtempSync(join(tmpdir(), 'netlink-ts-'))
  chmodSync(directory, 0o755)
  await build({
    entryPoints: {
      main: `${root}test/kernel/children/${name}.ts`,
      'creator-worker': `${root}src/namespace/creator-worker.ts`,
      entry: `${root}src/helper/entry.ts`,
    },
    outdir: directory,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format,
    external: ['koffi', 'unix-dgram'],
    logLevel: 'error',
    ...(format === 'cjs'
      ? {
          banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href" },
          define: { 'import.meta.url': 'importMetaUrl' },
        }
      : {
          banner: {
            js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url)",
          },
        }),
  })
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: format === 'esm' ? 'module' : 'commonjs' }))
  for (const part of packages.flatMap((each) => [each, ...(behind[each] ?? [])]))
    cpSync(`${root}node_modules/${part}`, join(directory, 'node_modules', part), { recursive: true, dereference: true })
  return {
    directory,
    main: join(directory, 'main.js'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
