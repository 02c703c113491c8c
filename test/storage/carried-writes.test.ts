import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { storageBrowser } from './storage-browser.ts'

const { tab } = storageBrowser()
let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

test('a client with a newer format sends what one with an older format has left, once and in its order', async () => {
  const url = world.url('carried')
  const page = await tab()
  await page.evaluate(async (address) => {
    const old = kit.noteClient({ url: address, format: 1, gate: 'shut' })
    await old.write('1', 'one')
    await old.write('2', 'two')
    await old.close()
    // It may have ended before it was registered: that waits until the page is idle.
    await kit.sleep(300)
    await kit.deleteDB(kit.REGISTRY)
  }, url)
  const next = await tab()
  const sendWithNewCode = async (address: string) => {
    const client = kit.noteClient({ url: address, format: 2, gate: 'open' })
    client.pending.subscribe(() => {})
    await kit.until(() => client.pending.get().count > 0)
    await kit.until(() => client.pending.get().count === 0)
    await client.close()
  }
  await next.evaluate(sendWithNewCode, url)
  expect((await world.rows('carried', 'notes')).map(({ id, title }) => [id, title])).toEqual([
    ['1', 'one'],
    ['2', 'two'],
  ])
  const log = await world.storageSql(
    'carried',
    'SELECT key FROM _sync_log WHERE tbl = ? ORDER BY seq',
    'notes',
  )
  expect(log.map(({ key }) => key)).toEqual(['1', '2'])

  // Its tab is still there, and writes on.
  await page.evaluate(async (address) => {
    const old = kit.noteClient({ url: address, format: 1, gate: 'shut' })
    await old.write('3', 'three')
    await old.close()
  }, url)
  const later = await tab()
  await later.evaluate(sendWithNewCode, url)
  expect((await world.rows('carried', 'notes')).map(({ id }) => id)).toEqual(['1', '2', '3'])
})
