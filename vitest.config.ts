import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // The second reporter closes a run with one plain line, 'N passed, N failed'.
    reporters: ['default', './test/reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{protocol,src,cli}/**/*.test.ts'],
          testTimeout: 10_000,
          hookTimeout: 10_000,
          pool: 'forks',
        },
      },
      {
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // setns() changes the calling thread: a process a file keeps one file's mistakes out of another's, and one
          // file at a time keeps timings honest on two cores.
          pool: 'forks',
          fileParallelism: false,
        },
      },
      {
        test: {
          // The same, with everything on the calling thread.
          name: 'blocking',
          include: ['test/kernel/{addr,link,link-list,link-namespace,route,route-list,round-trip}.test.ts'],
          setupFiles: ['test/kernel/blocking.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          pool: 'forks',
          fileParallelism: false,
        },
      },
    ],
  },
})
