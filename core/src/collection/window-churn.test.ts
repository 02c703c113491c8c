import * as newest from '@tanstack/db'
import * as oldest from 'tanstack-db-oldest'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { SyncClient } from '../client/sync-client.ts'
import { ScriptedServer } from '../client/testing/scripted-server.ts'
import type { HasSyncApi } from '../wire/index.ts'
import { doCollectionOptions } from './do-collection-options.ts'

interface Card {
  id: string
  rank: number | null
  lane: number
}
type Api = HasSyncApi<{
  readonly collections: { readonly cards: { readonly row: Card; readonly key: 'id' } }
  readonly commands: Record<never, never>
}>

const versions = [
  ['0.9.2', oldest as unknown as typeof newest],
  ['0.15.2', newest],
] as const

const clients: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})

/** The same numbers on every run. */
function dice(seed: number) {
  let state = seed
  return (sides: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 2000, interval: 1 })

function openBoard(db: typeof newest) {
  const server = new ScriptedServer()
  const timings = { firstWindowMs: 1, backoffBaseMs: 1, backoffCapMs: 2, lingerMs: 50, stableMs: 0 }
  const client = new SyncClient<Api>({ transport: server, timings })
  clients.push(client)
  const options = { autoIndex: 'eager', defaultIndexType: db.BasicIndex } as const
  const cards = db.createCollection({
    ...doCollectionOptions({ client, table: 'cards', syncMode: 'on-demand' }),
    ...options,
  })
  const all = db.createCollection({ ...doCollectionOptions({ client, table: 'cards' }), ...options })
  return { server, client, cards, all }
}

const ORDERS = [
  ['descending with nulls first', { direction: 'desc', nulls: 'first' }],
  ['ascending with nulls last', { direction: 'asc', nulls: 'last' }],
] as const

describe.each(versions)('windows under @tanstack/db %s', (_, db) => {
  it.each(ORDERS)(
    'that are %s equal TanStack’s own answer over all rows, whatever moves [E7, E8, F12]',
    async (_, order) => {
      const roll = dice(5)
      const { server, cards, all, client } = openBoard(db)
      const put = (i: number) =>
        server.put('cards', {
          id: `k${String(i).padStart(3, '0')}`,
          rank: roll(12) === 0 ? null : roll(20),
          lane: roll(3),
        })
      for (let i = 0; i < 120; i++) put(i)
      const query = (collection: typeof cards) =>
        db.createLiveQueryCollection((q) =>
          q
            .from({ c: collection })
            .where(({ c }) => db.gt(c.lane, 0))
            .orderBy(({ c }) => c.rank, order)
            .limit(7),
        )
      await all.preload()
      const shown = query(cards)
      const wanted = query(all)
      await Promise.all([shown.preload(), wanted.preload()])
      const keys = ({ toArray }: typeof shown) => toArray.map(({ id, rank }) => `${id} ${rank}`)
      const agree = () => until(() => expect(keys(shown)).toEqual(keys(wanted)))
      await agree()
      for (let round = 0; round < 120; round++) {
        const kind = roll(20)
        if (kind === 0) server.drop()
        else if (kind === 1) {
          const window = { offset: roll(4) * 5, limit: 5 + roll(8) }
          await Promise.all([shown, wanted].map((live) => live.utils.setWindow(window)))
        } else if (kind < 5) {
          const mine = shown.toArray[roll(shown.size)]
          if (kind === 2) cards.insert({ id: `m${round}`, rank: roll(20), lane: 1 })
          else if (kind === 3 && mine && cards.has(mine.id)) cards.delete(mine.id)
          else if (mine && cards.has(mine.id))
            cards.update(mine.id, (draft) => {
              draft.rank = roll(20)
            })
        } else {
          for (let i = roll(6); i >= 0; i--) {
            if (roll(4) === 0) server.remove('cards', `k${String(roll(120)).padStart(3, '0')}`)
            else put(roll(140))
          }
          server.flush()
        }
        if (roll(3) === 0) await agree()
      }
      await agree()
      // 0.9.2 asks for every row of the filter after the first delete, and both do when the window ends with a null.
      const { rows } = cards.utils.stats()
      if (db === newest && order.nulls === 'last') expect(rows).toBeLessThanOrEqual(2 * (15 + 12))
      expect(cards.utils.stats().subscriptions).toBe(1)
      await client.close()
    },
  )
})
