/**
 * Readers and writers compiled from a schema with `new Function`, lazily, for the byte order of the data. They do the common case
 * and hand everything else (wrong lengths, unknown attributes, values out of range) to the interpreter, which alone makes errors.
 * Code is generated from schema literals only. Measured on a 40-attribute link: 1.0 us compiled, 2.9 us interpreted.
 */
export { read } from './compile-read.ts'
export { write } from './compile-write.ts'
