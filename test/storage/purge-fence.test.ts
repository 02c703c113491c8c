import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { Purge } from '../../core/src/persistence/storage-health.ts'
import { storageBrowser } from './storage-browser.ts'

const { tab } = storageBrowser()

/** A tab in which a row and a write of ada are kept, and that never hears of her signing out. */
async function deafTab(): Promise<Page> {
  const page = await tab()
  await page.evaluate(async () => {
    BroadcastChannel.prototype.postMessage = () => {}
    Object.defineProperty(BroadcastChannel.prototype, 'onmessage', { set: () => {} })
    BroadcastChannel.prototype.addEventListener = () => {}
    const { openRoom, shape, spec, at, row, write } = kit
    const room = await openRoom('ada')
    await room.commit({ replace: [shape(spec('todos'), at(1), [row(1)])], putWrites: [write('before')] })
  })
  return page
}

const signOut = async (what: Purge = 'everything'): Promise<Page> => {
  const page = await tab()
  await page.evaluate(async (forgotten) => {
    await kit.openRoom('ada')
    await kit.rooms.get('ada')?.device.purge(forgotten)
  }, what)
  return page
}

const kept = (page: Page) =>
  page.evaluate(async () => {
    const { shapes, writes, failed } = await kit.device('ada').room('room').load()
    return { rows: shapes.length, writes: writes.map(({ id }) => id), failed: failed.length }
  })

const NOTHING = { rows: 0, writes: [], failed: 0 }

test('a tab that has not heard of a logout keeps nothing more of that user, and hears of it by that [R17]', async () => {
  const deaf = await deafTab()
  const other = await signOut()
  const heard = await deaf.evaluate(async () => {
    const { rooms, shape, spec, at, row, write } = kit
    const { room, device } = rooms.get('ada') ?? {}
    const says = (what: Promise<unknown> | undefined) => what?.then(String, (error: Error) => error.name)
    const rows = await says(room?.commit({ replace: [shape(spec('todos'), at(2), [row(2)])] }))
    return {
      rows,
      write: await says(room?.commit({ putWrites: [write('late')] })),
      health: device?.health.get(),
    }
  })
  const health = { is: 'closed', why: 'purged' }
  expect(heard).toEqual({ rows: 'StorageClosed', write: 'StorageClosed', health })
  expect(await kept(other)).toEqual(NOTHING)
})

test('nor does it put back what it knows over a new connection, or revise it [R17]', async () => {
  const [broken, revising] = [await deafTab(), await deafTab()]
  const other = await signOut()
  const heard = await Promise.all([
    broken.evaluate(async () => {
      kit.breakConnection('InvalidStateError')
      const commit = kit.rooms.get('ada')?.room.commit({ putWrites: [kit.write('late')] })
      return commit?.then(String, (error: Error) => error.name)
    }),
    revising.evaluate(async () => {
      const write = { ...kit.write('before'), schemaVersion: 2 }
      const revise = kit.rooms.get('ada')?.room.revise([{ becomes: 'write', write }])
      return revise?.then(String, (error: Error) => error.name)
    }),
  ])
  expect(heard).toEqual(['StorageClosed', 'StorageClosed'])
  expect(await kept(other)).toEqual(NOTHING)
})

test.for([
  ['rows', { rows: 0, writes: ['before'], failed: 0 }],
  ['nothing', { rows: 1, writes: ['before'], failed: 0 }],
] as const)(
  'a purge of %s keeps such a tab out as well, which says that writes are left',
  async ([what, left]) => {
    const [writing, broken] = [await deafTab(), await deafTab()]
    const other = await signOut(what)
    const commit = async () => {
      const { room, device } = kit.rooms.get('ada') ?? {}
      const late = room?.commit({ putWrites: [kit.write('late')] })
      return { late: await late?.then(String, ({ name }: Error) => name), health: device?.health.get() }
    }
    await broken.evaluate(() => kit.breakConnection('InvalidStateError'))
    const heard = await Promise.all([writing.evaluate(commit), broken.evaluate(commit)])
    const health = { is: 'closed', why: 'purged', left: 'writes' }
    expect(heard).toEqual(Array(2).fill({ late: 'StorageClosed', health }))
    expect(await kept(other)).toEqual(left)
  },
)

test('whoever signs in after a logout, as the same user, keeps things as always, and signs out again', async () => {
  await deafTab()
  const other = await signOut()
  await other.evaluate(async () => {
    await kit
      .device('ada')
      .room('room')
      .commit({ putWrites: [kit.write('new')] })
  })
  expect(await kept(other)).toEqual({ ...NOTHING, writes: ['new'] })
  expect(await kept(await signOut())).toEqual(NOTHING)
})
