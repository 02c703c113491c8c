import { expect, test } from 'vitest'
import { LeadLock } from './lead-lock.ts'
import { FakeLocks } from './testing/fake-locks.ts'

const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

function tab(locks: FakeLocks) {
  const told: string[] = []
  const tell = (what: string) => (request: number) => void told.push(`${what} ${request}`)
  const lock = new LeadLock(locks, 'lead', {
    granted: tell('granted'),
    lost: tell('lost'),
    failed: tell('failed'),
  })
  return { lock, told: () => told.splice(0) }
}

test('a request is granted when the lock is free, and the lock is free again when it is released', async () => {
  const locks = new FakeLocks()
  const [a, b] = [tab(locks), tab(locks)]
  a.lock.request(1, 'queue')
  b.lock.request(1, 'queue')
  await settle()
  expect([a.told(), b.told()]).toEqual([['granted 1'], []])
  a.lock.release(1)
  a.lock.release(1)
  await settle()
  expect([a.told(), b.told()]).toEqual([[], ['granted 1']])
})

test('a request that was withdrawn is told nothing, waits for nothing, and gives back what comes too late', async () => {
  const locks = new FakeLocks()
  const [a, b] = [tab(locks), tab(locks)]
  a.lock.request(1, 'queue')
  b.lock.request(1, 'queue')
  await settle()
  a.told()
  b.lock.release(1)
  await settle()
  expect(locks.count('lead')).toEqual({ held: 1, queued: 0 })
  // Taking by force cannot be withdrawn, and is granted after the release.
  b.lock.request(2, 'steal')
  b.lock.release(2)
  await settle()
  expect([a.told(), b.told()]).toEqual([['lost 1'], []])
  expect(locks.count('lead')).toEqual({ held: 0, queued: 0 })
})

test('a lock that is stolen is lost, and one that is refused has failed', async () => {
  const locks = new FakeLocks()
  const [a, b] = [tab(locks), tab(locks)]
  a.lock.request(1, 'queue')
  await settle()
  b.lock.request(1, 'steal')
  await settle()
  expect([a.told(), b.told()]).toEqual([['granted 1', 'lost 1'], ['granted 1']])
  locks.refusal = new DOMException('opaque origin', 'SecurityError')
  a.lock.request(2, 'queue')
  await settle()
  expect(a.told()).toEqual(['failed 2'])
})
