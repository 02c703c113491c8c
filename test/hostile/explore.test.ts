import { afterAll, beforeAll, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { pause } from '../support/deadline.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())
const hello = { cids: [{ cid: 'cid-1', seen: 0 }] }

test('join flood', async () => {
  await world.control('h', 'sql', { via: 'storage', params: [], statement: `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < 4000) INSERT INTO samples (id, t) SELECT printf('%05d', i), hex(zeroblob(500)) FROM c` })
  const n = await world.connect('h', {userId: 'bob'})
  await n.enter({ client: 'n' })
  const c = await world.connect('h')
  await c.enter(hello)
  c.stall()
  for (let i = 0; i < 50; i++) c.send({ type: 'join', sub: i, join: i, collection: 'samples' })
  await pause(2000)
  const t = performance.now()
  n.hello
  n.send({ type: 'page', request: 1, sub: 1, limit: 1 })
  await n.next('refused')
  console.log('NEIGHBOUR', performance.now() - t)
  c.resume()
  for (let i = 0; i < 5; i++) {
    await pause(2000)
    console.log('FLOOD', c.received.length, c.received.reduce((s, f) => s + JSON.stringify(f).length, 0), JSON.stringify(c.received.at(-1)).slice(0, 100))
  }
  console.log(world.output.slice(-5).join('\n'))
  void c.closed.then((x) => console.log(x))
  await pause(10)
})
