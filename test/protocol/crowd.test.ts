import type { JoinFrame } from '@durable-sync/core/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RawClient } from '../support/raw-client.ts'
import { createWorld, type World } from '../support/world.ts'

const MB = 1024 * 1024
const ROWS = 1000

let world: World
beforeAll(async () => {
  world = await createWorld()
  await world.sql(
    'crowd',
    `WITH RECURSIVE c (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < ${ROWS})
     INSERT INTO messages (id, author, content, created_at)
     SELECT printf('m%05d', i), 'alice', hex(zeroblob(3000)), i FROM c`,
  )
})
afterAll(() => world.stop())

type From = Pick<JoinFrame, 'p0' | 'shape' | 'after' | 'read'>

/** Asks for messages, from where it was left. */
async function answer(client: RawClient, from: Partial<From> = {}) {
  client.send({ type: 'join', sub: 1, join: 1, collection: 'messages', ...from })
  let bytes = 0
  let rows = 0
  for (;;) {
    const frame = await client.take('the end of an answer')
    if (frame.type === 'chunk') {
      bytes += JSON.stringify(frame).length
      rows += frame.up.length
    } else if (frame.type === 'next') {
      const { p0, shape, after, read } = frame
      return { bytes, rows, next: { p0, shape, after, read } }
    } else if (frame.type === 'joined') return { bytes, rows, next: undefined }
  }
}

async function enter(name: string): Promise<RawClient> {
  const client = await world.connect('crowd')
  await client.enter({ client: name })
  return client
}

test('the more is on its way to all who load, the shorter are the answers, and nobody waits for another [R4, R11]', async () => {
  const clients = await Promise.all(Array.from({ length: 40 }, (_, i) => enter(`c${i}`)))
  const first = []
  // None goes on: for all that the object knows, everything is still on its way.
  for (const client of clients) first.push(await answer(client))
  const sizes = first.map(({ bytes }) => bytes)
  console.log('first answers, in KB', sizes.map((bytes) => Math.round(bytes / 1024)).join(' '))
  expect(sizes[0]).toBeGreaterThan(3 * MB)
  expect(Math.min(...sizes)).toBeGreaterThan(100_000)
  expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(20 * MB)
  // The last of them gets everything while the others stand still.
  const last = clients.at(-1) as RawClient
  let rows = first.at(-1)?.rows ?? 0
  for (let next = first.at(-1)?.next; next; ) {
    const found = await answer(last, next)
    rows += found.rows
    next = found.next
  }
  expect(rows).toBe(ROWS)
  // What was on its way to those who are gone does not count.
  await Promise.all(clients.map((client) => client.close()))
  expect((await answer(await enter('alone'))).bytes).toBeGreaterThan(3 * MB)
})
