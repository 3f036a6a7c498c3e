/**
 * The larger part of nf_tables, loaded with the first call that needs it: who needs no firewall starts without. Modules are loaded once, and what
 * follows a call follows it in the order of calls.
 */

/** Schema and compiler. */
export const writing = (): Promise<typeof import('./writing.ts')> => import('./writing.ts')
/** Decompiler and printer too. */
export const reading = (): Promise<typeof import('./reading.ts')> => import('./reading.ts')
