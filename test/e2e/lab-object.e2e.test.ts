import { doCollectionOptions, SyncClient, WebSocketTransport } from '@durable-sync/core'
import { createCollection } from '@tanstack/db'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { ChatApi } from '../../playground/worker/chat/registry.ts'
import type { MeterReading } from '../../playground/worker/lab/meter-reading.ts'
import { PlaygroundServer } from './playground-server.ts'

const PATIENCE = { timeout: 30_000 }

let server: PlaygroundServer
const clients: SyncClient<ChatApi>[] = []
beforeAll(async () => {
  server = await PlaygroundServer.create()
})
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})
afterAll(() => server?.stop())

/** Somebody in a room, without a browser. */
function join(room: string, user: string) {
  const url = `ws://127.0.0.1:${server.port}/sync/${room}?user=${user}`
  const client = new SyncClient<ChatApi>({ transport: new WebSocketTransport({ url, WebSocket }) })
  clients.push(client)
  const ledger = createCollection(doCollectionOptions({ client, table: 'ledger' }))
  const messages = createCollection(doCollectionOptions({ client, table: 'messages', syncMode: 'on-demand' }))
  const write = (id: string, content = 'hello') =>
    messages.insert({ id, author: user, content, created_at: 0 }).isPersisted.promise
  return { client, ledger, write }
}

const ask = (path: 'meter' | 'restart', room: string, init?: RequestInit) =>
  fetch(`${server.url}lab/${path}?page=chat&room=${room}`, init)
const meter = async (room: string) => (await (await ask('meter', room)).json()) as MeterReading
const restart = (room: string, origin = server.url.slice(0, -1)) =>
  ask('restart', room, { method: 'POST', headers: { origin } })

test('the ledger tells of a number that is missing, until it comes', async () => {
  const { ledger, write } = join('missing', 'ada')
  await ledger.preload()
  await write('ada.1')
  await write('ada.4')
  await expect
    .poll(() => ledger.get('ada'), PATIENCE)
    .toMatchObject({ written: 4, applied: 2, lost: 2, doubled: 0 })
  await write('ada.3')
  await write('ada.2')
  await expect.poll(() => ledger.get('ada'), PATIENCE).toMatchObject({ written: 4, applied: 4, lost: 0 })
})

test('the ledger tells of a message that is applied twice', async () => {
  const { ledger, write } = join('twice', 'ada')
  await ledger.preload()
  await write('ada.1')
  // Another client of the same person, who does not know that it is there.
  await join('twice', 'ada').write('ada.1')
  await expect
    .poll(() => ledger.get('ada'), PATIENCE)
    .toMatchObject({ written: 1, applied: 1, lost: 0, doubled: 1 })
})

test('a refused message is not lost, and one that is tried again is not doubled', async () => {
  const { client, ledger, write } = join('refused', 'ada')
  await ledger.preload()
  await client.call.refuseNextWrite()
  await expect(write('ada.1')).rejects.toThrow('You asked for this')
  await expect
    .poll(() => ledger.get('ada'), PATIENCE)
    .toMatchObject({ written: 1, applied: 0, refused: 1, lost: 0 })
  await write('ada.1')
  await expect
    .poll(() => ledger.get('ada'), PATIENCE)
    .toMatchObject({ written: 1, applied: 1, refused: 0, lost: 0, doubled: 0 })
})

test('nobody numbers messages for somebody else, and who came before the room is counted from where they are', async () => {
  const { ledger, write } = join('numbers', 'bob')
  await ledger.preload()
  await expect(write('ada.1')).rejects.toThrow('somebody else')
  await write('bob.41')
  await write('bob.42')
  await expect.poll(() => ledger.get('bob'), PATIENCE).toMatchObject({ written: 2, applied: 2, lost: 0 })
  expect(ledger.has('ada')).toBe(false)
})

test('the meter counts messages and rows, and keeps its count when the object is restarted', async () => {
  const { ledger, write } = join('metered', 'ada')
  await ledger.preload()
  const before = await meter('metered')
  await write('ada.1')
  const after = await meter('metered')
  expect(after.messagesIn).toBeGreaterThan(before.messagesIn)
  // The message, its delivery, its row of the ledger, and what sync writes down of each.
  expect(after.rowsWritten - before.rowsWritten).toBeGreaterThanOrEqual(6)
  expect(after.rowsRead).toBeGreaterThan(before.rowsRead)
  expect(after).toMatchObject({ wakes: 1, requests: before.requests + 1 })

  expect((await restart('metered')).status).toBe(204)
  const again = await meter('metered')
  expect(again.wakes).toBe(2)
  expect(again.rowsWritten).toBeGreaterThanOrEqual(after.rowsWritten)
  expect(again.messagesIn).toBeGreaterThanOrEqual(after.messagesIn)
})

test('an object is restarted by its own pages only, and there is none without a name', async () => {
  expect((await restart('lobby', 'https://elsewhere.example')).status).toBe(403)
  expect((await ask('restart', 'lobby')).status).toBe(404)
  expect((await ask('meter', '../lobby')).status).toBe(404)
})

test('a desk opens for its owner alone', async () => {
  const status = async (desk: string) => (await fetch(`${server.url}desk/sync/${desk}?user=ada`)).status
  expect(await status('ada')).toBe(426)
  expect(await status('bob')).toBe(401)
})
