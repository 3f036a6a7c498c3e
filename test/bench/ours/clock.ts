/** What our programs of the benchmark print: the same line of JSON as the C programs (c/bench.h). */

let wallStart = 0
let cpuStart: NodeJS.CpuUsage | undefined

/** The work begins: what came before (imports, opening a client) is the business of start-up.ts. */
export function begin(): void {
  cpuStart = process.cpuUsage()
  wallStart = performance.now()
}

/** What was done `repeats` times is told for one. */
export function report(n: number, count: number, repeats = 1): void {
  const t = (performance.now() - wallStart) / 1e3 / repeats
  const { user, system } = process.cpuUsage(cpuStart)
  console.log(JSON.stringify({ t, cpu: (user + system) / 1e6 / repeats, n, count }))
}

/** The arguments of the program; those that are not there are ''. */
export function argument(index: number): string {
  return process.argv[index + 2] ?? ''
}
