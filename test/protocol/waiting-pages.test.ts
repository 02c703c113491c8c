import { afterAll, beforeAll, expect, test } from 'vitest'
import { Site } from '../hosting/site.ts'
import { ascending, first } from './viewer.ts'

const MB = 1024 * 1024

let site: Site
beforeAll(async () => {
  site = await Site.start()
})
afterAll(() => site.stop())

const hold = (room: string, bytes: number) => site.call('CHANGEABLE', room, 'holdBack', 'slow', bytes)

/** A socket with a window of two of fifty things. */
async function reader(room: string) {
  await site.call('CHANGEABLE', room, 'fill', 'things', 't', 50, 10)
  const client = await site.connect(`/sync/${room}`, { userId: 'slow' })
  await client.enter()
  await client.join({ sub: 1, collection: 'things', window: first(2, ascending('body')) })
  const ask = (request: number) =>
    client.send({ type: 'page', request, sub: 1, after: ['x'.repeat(10), 't00001'], limit: 5 })
  return { client, ask }
}

test('a page waits until what was sent before is nearly out, and is then answered [R11, R19]', async () => {
  const { client, ask } = await reader('waits')
  await hold('waits', 3 * MB)
  ask(1)
  ask(2)
  await client.expectNothing(150)
  await hold('waits', 100_000)
  for (const request of [1, 2]) expect(await client.next('page')).toMatchObject({ request })
})

test('a page that waits is forgotten when its window is left, and told when the object is set up anew [R11, R19]', async () => {
  const { client, ask } = await reader('left')
  await hold('left', 3 * MB)
  ask(1)
  client.send({ type: 'leave', sub: 1 })
  await hold('left', 100_000)
  await client.expectNothing(100)
  const again = await reader('anew')
  await hold('anew', 3 * MB)
  again.ask(1)
  await again.client.expectNothing(50)
  await site.call('CHANGEABLE', 'anew', 'register')
  expect(await again.client.next('restart')).toEqual({ type: 'restart', sub: 1, reason: 'requested' })
})

test('one that waits for nothing is refused at once: it takes no room [R11]', async () => {
  const { client } = await reader('refused')
  await hold('refused', 3 * MB)
  client.send({ type: 'page', request: 1, sub: 9, after: ['x', 'y'], limit: 5 })
  expect(await client.next('refused')).toMatchObject({ re: 'page', code: 'unknown-subscription' })
})
