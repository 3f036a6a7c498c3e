/** Objects that are made when they are first looked at: a rule needs two headers of twenty, and an import is to cost little. */

export function lazily<T extends object>(make: () => T): T {
  let made: T | undefined
  const all = (): T => {
    made ??= make()
    return made
  }
  // Nothing of the target is ever seen.
  return new Proxy({} as T, {
    get: (_, key) => Reflect.get(all(), key),
    has: (_, key) => Reflect.has(all(), key),
    ownKeys: () => Reflect.ownKeys(all()),
    getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(all(), key),
  })
}
