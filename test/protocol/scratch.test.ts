import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { Watcher } from './watcher.ts'
import { CID, declared, mutate, insert, update, job, again } from './items.ts'
import { eventually, pause } from '../support/deadline.ts'
let world: World
beforeAll(async () => { world = await createWorld() })
afterAll(() => world.stop())

test('wake sends only what is missing', async () => {
  const w = await Watcher.open(world, 'wake', ['samples'])
  for (let i = 0; i < 5; i++) { await world.sql('wake', `INSERT INTO samples (id) VALUES ('s${i}')`); await w.pass() }
  await world.evict('wake')
  await world.stats('wake')
  await w.client.expectNothing(100)
  await world.sql('wake', `INSERT INTO samples (id) VALUES ('new')`)
  const p = await w.pass()
  console.log(JSON.stringify(p))
})
test('poison', async () => {
  const item = job(1, 'j', 'execute-abort')
  const before = (await world.stats('poison')).constructed
  for (let i = 0; i < 5; i++) {
    const c = await world.connect('poison')
    await c.enter(declared)
    c.push(i === 0 ? item : again(item))
    const r = await Promise.race([c.closed.then((x) => x.code), c.pass().then((p) => p.settled, (e) => String(e))])
    console.log(i, JSON.stringify(r), (await world.stats('poison')).constructed - before)
  }
})
test('generated', async () => {
  await world.storageSql('gen', `ALTER TABLE samples ADD COLUMN g TEXT GENERATED ALWAYS AS (lower(t)) VIRTUAL`)
  await world.storageSql('gen', `CREATE UNIQUE INDEX g1 ON samples (g)`)
  await world.evict('gen')
  const w = await Watcher.open(world, 'gen', ['samples'])
  await world.sql('gen', `INSERT INTO samples (id, t) VALUES ('a', 'A'), ('b', 'B')`)
  await w.pass()
  await world.sql('gen', `UPDATE OR REPLACE samples SET t = 'a' WHERE id = 'b'`)
  await w.pass()
  await w.expectEqual()
})
test('reregister with pending authorize', async () => {
  const c = await world.connect('rereg')
  await c.enter(declared)
  c.push(job(1, 'a', 'plain', 300))
  await pause(50)
  await world.control('rereg', 'register', {})
  const d = await world.connect('rereg')
  await d.enter({ ...declared, client: 'other' })
  d.push(job(1, 'a', 'plain', 0))
  console.log(JSON.stringify((await d.pass()).settled))
  await pause(400)
  console.log(JSON.stringify(await world.storageSql('rereg', 'SELECT * FROM _sync_cid')), JSON.stringify(await world.storageSql('rereg', 'SELECT * FROM _sync_outcome')))
  console.log(JSON.stringify(d.received))
})
