import { type MigrateMutation, memoryDevice, type StoredMutation } from '@durable-sync/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { until } from './convergence.ts'
import { openClient } from './live-client.ts'
import { openSync } from './live-sync.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const note = (id: string) => ({ id, slug: id, title: id })
const rowsAt = async (room: string) =>
  (await world.rows(room, 'notes')).map(({ id, title }) => `${id}=${title}`)

/** A device on which version 1 of the app has left writes: 1, 2 and 3. */
async function leftByVersion1(room: string) {
  const storage = memoryDevice('alice')
  const old = openSync(world, { storage, gate: 'shut', schemaVersion: 1 })
  const notes = old.notes(room)
  for (const id of ['1', '2', '3']) await notes.insert(note(id)).isPersisted.promise
  await old.leave()
  return storage
}

describe('writes that an earlier version of the app has left', () => {
  test('are shown and sent as `migrateMutation` makes them, in their order', async () => {
    const room = 'migrated'
    const storage = await leftByVersion1(room)
    const asked: [StoredMutation, number][] = []
    const migrateMutation: MigrateMutation = (mutation, from) => {
      asked.push([mutation, from])
      return titled(mutation, 'v2')
    }
    const page = openSync(world, { storage, gate: 'shut', schemaVersion: 2, migrateMutation })
    const notes = page.notes(room)
    notes.preload().catch(() => {})
    await until(() => expect(notes.toArray.map(({ title }) => title)).toEqual(['v2 1', 'v2 2', 'v2 3']))
    expect(asked[0]).toEqual([
      { ops: [{ collection: 'notes', type: 'insert', key: '1', values: note('1'), previous: null }] },
      1,
    ])
    page.gate.admit()
    await until(async () => expect(await rowsAt(room)).toEqual(['1=v2 1', '2=v2 2', '3=v2 3']))
  })

  test('are kept as they were made before anything is sent: the next page does not ask again', async () => {
    const room = 'once'
    const storage = await leftByVersion1(room)
    let asked = 0
    const migrateMutation: MigrateMutation = (mutation) => {
      asked++
      return titled(mutation, 'v2')
    }
    for (const _ of ['first', 'second']) {
      const page = openSync(world, { storage, gate: 'shut', schemaVersion: 2, migrateMutation })
      const notes = page.notes(room)
      notes.preload().catch(() => {})
      await until(() => expect(notes.toArray.map(({ title }) => title)).toEqual(['v2 1', 'v2 2', 'v2 3']))
      await page.leave()
    }
    expect(asked).toBe(3)
    const later: number[] = []
    const third = (mutation: StoredMutation, from: number) => {
      later.push(from)
      return titled(mutation, 'v3')
    }
    const page = openSync(world, { storage, schemaVersion: 3, migrateMutation: third })
    await page.notes(room).preload()
    await until(async () => expect(await rowsAt(room)).toEqual(['1=v3 1', '2=v3 2', '3=v3 3']))
    expect(later).toEqual([2, 2, 2])
  })

  test('of which `migrateMutation` knows nothing, or at which it fails, are failed writes, and the others arrive', async () => {
    const room = 'unknown'
    const storage = await leftByVersion1(room)
    const migrateMutation: MigrateMutation = (mutation) => {
      const key = 'ops' in mutation ? mutation.ops[0]?.key : undefined
      if (key === '1') return null
      if (key === '2') throw new Error('no idea')
      return mutation
    }
    const page = openSync(world, { storage, schemaVersion: 2, migrateMutation })
    const notes = page.notes(room)
    await notes.preload()
    await until(async () => expect(await rowsAt(room)).toEqual(['3=3']))
    const { items } = page.sync.room(room).failedWrites.get()
    expect(items.map(({ code, ops }) => [code, ops[0]?.key])).toEqual([
      ['write-not-migrated', '1'],
      ['write-not-migrated', '2'],
    ])
    expect(items[1]?.message).toContain('no idea')
    await until(() => expect(notes.toArray.map(({ id }) => id)).toEqual(['3']))
    await page.leave()
    const next = openSync(world, { storage, schemaVersion: 2, migrateMutation })
    next.sync.failedWrites.subscribe(() => {})
    await until(() => expect(next.sync.failedWrites.get().count).toBe(2))
  })

  test('show the row before them as `migrateMutation` makes it, where no row is kept', async () => {
    const room = 'previous'
    const storage = memoryDevice('alice')
    await world.sql(room, `INSERT INTO notes VALUES ('1', 'slug', 'title')`)
    const old = openSync(world, { storage })
    const before = old.notes(room)
    await before.preload()
    old.gate.shut()
    await world.kill()
    const tx = before.update('1', (row) => {
      row.title = 'mine'
    })
    await tx.isPersisted.promise
    await old.sync.logout({ pending: 'keep' })
    await world.start()
    const page = openSync(world, {
      storage,
      gate: 'shut',
      schemaVersion: 2,
      migrateMutation: (mutation) => ({
        ops: ('ops' in mutation ? mutation.ops : []).map((op) => ({
          ...op,
          previous: { ...op.previous, slug: 'v2' },
        })),
      }),
    })
    const notes = page.notes(room)
    notes.preload().catch(() => {})
    await until(() => expect(notes.get('1')).toMatchObject({ slug: 'v2', title: 'mine' }))
  })

  test('that may have been sent and cannot be migrated have an unknown outcome', async () => {
    const room = 'sent'
    const storage = memoryDevice('alice')
    const proxy = await world.frameProxy()
    proxy.rule = ({ from, frame }) => (from === 'client' && frame?.type === 'push' ? 'hold' : 'pass')
    const old = openClient(world, room, { storage, port: proxy.port })
    await old.notes.preload()
    await old.notes.insert(note('1')).isPersisted.promise
    await until(() => expect(old.client.pendingWrites.get().items[0]?.state).toBe('sent'))
    await old.client.close()
    const page = openSync(world, {
      storage,
      schemaVersion: 2,
      migrateMutation: () => null,
    })
    const { failedWrites } = page.sync.room(room)
    failedWrites.subscribe(() => {})
    await until(() => expect(failedWrites.get().items[0]?.code).toBe('outcome-unknown'))
    await page.sync.room(room).close()
  })

  test('are sent as they are where the app has no `migrateMutation`', async () => {
    const storage = await leftByVersion1('as-is')
    const page = openSync(world, { storage, schemaVersion: 2 })
    expect(await page.sync.flush()).toEqual({ sent: 3, left: 0 })
    expect(await rowsAt('as-is')).toEqual(['1=1', '2=2', '3=3'])
    await page.sync.room('as-is').close()
  })
})

test('a write of rows may become a command, and a command another one', async () => {
  const storage = memoryDevice('alice')
  const old = openSync(world, { storage, gate: 'shut', queueCommands: 'all' })
  const call = old.sync.room('command').call
  await old.notes('command').insert(note('1')).isPersisted.promise
  call.fail().catch(() => {})
  await until(() => expect(old.sync.pendingWrites.get().count).toBe(2))
  await until(async () => expect((await storage.open('test').queue()).writes).toHaveLength(2))
  await old.leave()
  const seen: StoredMutation[] = []
  const page = openSync(world, {
    storage,
    schemaVersion: 2,
    migrateMutation: (mutation) => {
      seen.push(mutation)
      return { command: 'echo', args: { text: 'x' } }
    },
  })
  expect(await page.sync.flush()).toEqual({ sent: 2, left: 0 })
  expect(seen[1]).toEqual({ command: 'fail', args: null })
  expect(page.sync.room('command').failedWrites.get().count).toBe(0)
  expect(await world.rows('command', 'notes')).toEqual([])
  await page.sync.room('command').close()
})

function titled(mutation: StoredMutation, version: string): StoredMutation {
  if (!('ops' in mutation)) return mutation
  return {
    ops: mutation.ops.map((op) => ({ ...op, values: { ...op.values, title: `${version} ${op.key}` } })),
  }
}
