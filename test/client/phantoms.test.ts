import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../support/world.ts'
import { equalsServer, shownBy, until } from './convergence.ts'
import { keepings } from './keepings.ts'
import { openClient } from './live-client.ts'
import { versions } from './tanstack-versions.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.stop())

const sample = (id: string, t: string) => ({ id, t, i: null, r: null, n: null, b: null })

/** Triggers of the author: an ignored row is accepted and not written, a kept text is written and at once set back. */
const IGNORE = `CREATE TRIGGER ignore_row BEFORE INSERT ON samples WHEN NEW.t = 'ignored' BEGIN SELECT RAISE(IGNORE); END`
const KEEP = `CREATE TRIGGER keep_text AFTER UPDATE ON samples WHEN NEW.t = 'not kept' BEGIN UPDATE samples SET t = OLD.t WHERE id = NEW.id; END`
const RESIST = `CREATE TRIGGER resist BEFORE DELETE ON samples WHEN OLD.t = 'resists' BEGIN SELECT RAISE(IGNORE); END`

const ways = versions.flatMap(([version, db]) =>
  keepings.map(([kept, keeping]) => ({ version, kept, db, keeping })),
)

describe.each(ways)('under @tanstack/db $version, kept: $kept', ({ version, kept, db, keeping }) => {
  const start = async (name: string) => {
    const room = `${name}-${version}-${kept}`
    for (const trigger of [IGNORE, KEEP, RESIST]) await world.storageSql(room, trigger)
    const live = openClient(world, room, { db, ...keeping() })
    await live.samples.preload()
    return { room, ...live }
  }

  test('the optimistic row of an insert that the server accepted without writing anything goes with its confirmation [C15]', async () => {
    const { confirmed, room, samples } = await start('ignored')
    const tx = samples.insert(sample('a', 'ignored'))
    expect(samples.has('a')).toBe(true)
    await confirmed(tx)
    await until(() => expect(samples.size).toBe(0), 500)
    await equalsServer(world, room, { samples })
  })

  test('the optimistic value of an update that the server set back falls back with its confirmation [C15]', async () => {
    const { confirmed, room, samples } = await start('kept')
    await confirmed(samples.insert(sample('a', 'first')))
    const tx = samples.update('a', (draft) => {
      draft.t = 'not kept'
    })
    expect(samples.get('a')?.t).toBe('not kept')
    await confirmed(tx)
    await until(() => expect(samples.get('a')?.t).toBe('first'), 500)
    await equalsServer(world, room, { samples })
  })

  test('a row whose delete the server accepted without deleting it comes back with the confirmation [C15]', async () => {
    const { confirmed, room, samples } = await start('resists')
    await confirmed(samples.insert(sample('a', 'resists')))
    const tx = samples.delete('a')
    expect(samples.has('a')).toBe(false)
    await confirmed(tx)
    await until(() => expect(samples.get('a')?.t).toBe('resists'), 500)
    await equalsServer(world, room, { samples })
  })

  test('a row that the server stores differently, or beside another one, is shown as it is stored [C15]', async () => {
    const { confirmed, room, samples, notes } = await start('other')
    await notes.preload()
    // INTEGER affinity makes a number of it.
    const tx = samples.insert({ ...sample('a', 'text'), i: '12' as unknown as number })
    await confirmed(tx)
    await until(() => expect(samples.get('a')?.i).toBe(12), 500)
    // The slug is unique, and the server replaces.
    await confirmed(notes.insert({ id: 'first', slug: 'same', title: 'first' }))
    await confirmed(notes.insert({ id: 'second', slug: 'same', title: 'second' }))
    await until(() => expect(shownBy(notes).map(({ id }) => id)).toEqual(['second']), 500)
    await equalsServer(world, room, { samples, notes })
  })
})
