import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { declared } from '../protocol/items.ts'
import { eventually } from '../support/deadline.ts'
import { RawClient } from '../support/raw-client.ts'
import { type RunningWorker, startWorker } from '../support/workerd.ts'

const ENTRY = fileURLToPath(new URL('../worker/entry.ts', import.meta.url))
const OBJECTS = {
  ROOM: 'Room',
  SESSION: 'SessionDO',
  NO_CLAIMS: 'NoClaims',
  NO_TABLE: 'NoTable',
  LOBBY: 'Lobby',
}
const ADA = encodeURIComponent(JSON.stringify({ userId: 'ada' }))

let folder: string
let worker: RunningWorker
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'durable-sync-names-'))
  worker = await startWorker({ script: ENTRY, objects: OBJECTS, persist: folder })
})
afterAll(async () => {
  await worker.stop()
  await rm(folder, { recursive: true, force: true })
})

const dial = (path: string, origin?: string) =>
  RawClient.open(`ws://127.0.0.1:${worker.port}${path}`, origin === undefined ? {} : { headers: { origin } })

/** Objects that have a database; the one of all names is not an object's. */
async function databases(): Promise<number> {
  const names = await readdir(folder, { recursive: true })
  return names.filter((name) => name.endsWith('.sqlite') && !name.endsWith('metadata.sqlite')).length
}

test('whoever is refused by the Worker makes no object, whatever name was asked for; each name that is let through makes one', async () => {
  const refused = [
    dial('/sync/nobody'),
    dial(`/sync/${'x'.repeat(129)}?claims=${ADA}`),
    dial(`/sync/strange%20name?claims=${ADA}`),
    dial(`/sync/foreign?claims=${ADA}`, 'https://evil.example'),
  ]
  for (const client of await Promise.all(refused)) expect((await client.ended()).code).toBeGreaterThan(4399)
  expect(await databases()).toBe(0)
  for (const name of ['made-up-1', 'made-up-2'])
    await (await dial(`/sync/${name}?claims=${ADA}`)).enter(declared)
  expect(await eventually(databases, (count) => count > 1, 'the databases')).toBe(2)
})
