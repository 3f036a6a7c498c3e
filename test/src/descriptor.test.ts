import { expect, test } from 'vitest'
import { Descriptor } from '../../src/descriptor.ts'

function recorded() {
  const closed: number[] = []
  return { closed, descriptor: new Descriptor(42, 'thing', (fd) => closed.push(fd)) }
}

test('close() closes once', () => {
  const { closed, descriptor } = recorded()
  expect(descriptor.fd).toBe(42)
  descriptor.close()
  descriptor.close()
  expect(closed).toEqual([42])
})

test('the number stays open until the last user has gone', () => {
  const { closed, descriptor } = recorded()
  expect(descriptor.retain()).toBe(42)
  expect(descriptor.retain()).toBe(42)
  descriptor.close()
  expect(descriptor.closed).toBe(true)
  descriptor.release()
  expect(closed).toEqual([])
  descriptor.release()
  expect(closed).toEqual([42])
})

test('after close() nobody gets the number any more', () => {
  const { descriptor } = recorded()
  descriptor.retain()
  descriptor.close()
  expect(() => descriptor.fd).toThrow(expect.objectContaining({ code: 'EBADF', outcome: 'unsent' }))
  expect(() => descriptor.retain()).toThrow('use thing: it was closed (EBADF)')
})

test('a release() too many is a bug and says so', () => {
  const { descriptor } = recorded()
  expect(() => descriptor.release()).toThrow('release() without retain()')
})
