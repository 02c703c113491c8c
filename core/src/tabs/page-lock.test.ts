import { expect, test } from 'vitest'
import { PageLock } from './page-lock.ts'
import type { Locks } from './tab-platform.ts'
import { FakeLocks } from './testing/fake-locks.ts'

const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

function pages() {
  const locks = new FakeLocks()
  const errors: unknown[] = []
  const page = () => new PageLock({ locks: () => locks, reportError: (error) => errors.push(error) })
  return { locks, errors, a: page(), b: page() }
}
const never = () => expect.unreachable('the lock was not lost')

test('a page is alive from hold to its cancellation, and dead otherwise', async () => {
  const { a, b } = pages()
  expect(await b.isAlive('a')).toBe('dead')
  const cancel = a.hold('a', never)
  await settle()
  expect(await b.isAlive('a')).toBe('alive')
  expect(await b.isAlive('b')).toBe('dead')
  cancel()
  await settle()
  expect(await b.isAlive('a')).toBe('dead')
})

test('work for a dead page runs while nobody else does it, and not for a living one', async () => {
  const { a, b } = pages()
  const cancel = a.hold('a', never)
  await settle()
  const done: string[] = []
  expect(await b.ifDead('a', async () => void done.push('too early'))).toBe('alive')
  cancel()
  await settle()
  const first = a.ifDead('a', async () => {
    await settle()
    done.push('first')
  })
  await Promise.resolve()
  expect(await b.ifDead('a', async () => void done.push('at once'))).toBe('alive')
  expect(await first).toBe('dead')
  expect(done).toEqual(['first'])
})

test('work that fails is an answer to who asked for it, and gives the lock back', async () => {
  const { a, b } = pages()
  const failing = a.ifDead('a', async () => {
    throw new Error('of the work')
  })
  await expect(failing).rejects.toThrow('of the work')
  expect(await b.isAlive('a')).toBe('dead')
})

test('work that waits for a death begins with it, once, unless it is cancelled', async () => {
  const { a, b, errors } = pages()
  const cancel = a.hold('a', never)
  const done: string[] = []
  b.whenDead('a', async () => void done.push('one'))
  const unwanted = b.whenDead('a', async () => void done.push('cancelled'))
  b.whenDead('a', async () => {
    throw new Error('of the work')
  })
  b.whenDead('a', async () => void done.push('two'))
  await settle()
  expect(done).toEqual([])
  unwanted()
  cancel()
  await settle()
  expect(done).toEqual(['one', 'two'])
  expect(errors).toEqual([new Error('of the work')])
})

test('what is cancelled waits no longer', async () => {
  const { locks, a, b } = pages()
  a.hold('a', never)
  const cancels = [b.hold('a', never), b.whenDead('a', async () => {})]
  await settle()
  expect(locks.count('durable-sync/page/a')).toEqual({ held: 1, queued: 2 })
  for (const cancel of cancels) cancel()
  await settle()
  expect(locks.count('durable-sync/page/a')).toEqual({ held: 1, queued: 0 })
})

test('work that was cancelled does not begin, even if the lock was on its way', async () => {
  let grant = () => {}
  const locks: Locks = {
    request: (_, __, run) =>
      new Promise((resolve) => {
        grant = () => resolve(run({}))
      }),
  }
  const page = new PageLock({ locks: () => locks, reportError: () => expect.unreachable() })
  const done: string[] = []
  const cancel = page.whenDead('a', async () => void done.push('begun'))
  await settle()
  cancel()
  grant()
  await settle()
  expect(done).toEqual([])
})

test('a page that is held for dead while it lives is told', async () => {
  const { locks, a } = pages()
  let lost = 0
  const cancel = a.hold('a', () => lost++)
  await settle()
  locks.revoke('durable-sync/page/a')
  await settle()
  expect(lost).toBe(1)
  cancel()
  await settle()
  expect(lost).toBe(1)
})

test.each([
  ['there are no locks', () => undefined],
  [
    'asking for them throws',
    () => {
      throw new DOMException('opaque origin', 'SecurityError')
    },
  ],
  [
    'they are refused',
    () => {
      const locks = new FakeLocks()
      locks.refusal = new DOMException('opaque origin', 'SecurityError')
      return locks
    },
  ],
])('nothing is known where %s, and no work is begun', async (_, locks) => {
  const page = new PageLock({ locks, reportError: () => expect.unreachable() })
  const cancel = page.hold('a', never)
  const unreachable = async () => expect.unreachable('nobody knows')
  page.whenDead('a', unreachable)
  expect(await page.isAlive('a')).toBe('unknown')
  expect(await page.ifDead('a', unreachable)).toBe('unknown')
  cancel()
})
