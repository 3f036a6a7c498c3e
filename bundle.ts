/** bundle.ts FOLDER [ENTRY...]: the JavaScript of the package, with programs of others (the benchmark's) beside it. build.sh runs it. */
import { readFile } from 'node:fs/promises'
import { type BuildOptions, build, type Plugin } from 'esbuild'

const [outdir = 'dist', ...others] = process.argv.slice(2)

const options = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['koffi', 'execa', 'unix-dgram'],
  outdir,
  outbase: '.',
  logLevel: 'warning',
} satisfies BuildOptions

const onFirstUse =
  /\/(protocol\/(index|protocols)|src\/nft\/build\/index|src\/(netlink|trace|cli\/patients)|helper\/client|namespace\/sockets|nat\/engine|nft\/(reading|writing))\.ts$/

/**
 * esbuild makes a file of each set of modules that the same entries reach, and what is loaded on first use is an entry too: 27 files for an
 * import of the library. Where these and the other entries reach all of index.ts, it is in one: each file takes Node 1 ms.
 */
const together: Plugin = {
  name: 'together',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: onFirstUse }, async ({ path }) => ({
      contents: `${await readFile(path, 'utf8')}\nimport 'netlink-ts:index'\n`,
      loader: 'ts',
    }))
    onResolve({ filter: /^netlink-ts:index$/ }, () => ({ path: `${process.cwd()}/src/index.ts` }))
  },
}

// All entry points and the command share their code: an EncodeError of the one is one of the other.
await build({
  ...options,
  entryPoints: ['src/index.ts', 'src/nft/build/index.ts', 'protocol/index.ts', 'src/cli/main.ts', ...others],
  splitting: true,
  chunkNames: 'src/[name]-[hash]',
  plugins: [together],
  // package.json says that our modules do nothing when they are imported, and then an import that takes nothing from one is left out.
  ignoreAnnotations: true,
})
// What runs in a thread and in a process of its own stands beside the code that starts it.
await build({
  ...options,
  entryPoints: ['src/namespace/creator-worker.ts', 'src/helper/entry.ts'],
  entryNames: 'src/[name]',
})
