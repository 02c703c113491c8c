import type { Cell } from '@durable-sync/core/wire'
import { expect, vi } from 'vitest'
import type { World } from '../support/world.ts'
import type { FixtureRows } from '../worker/rows.ts'

type Row = Readonly<Record<string, Cell>>

interface Shown {
  readonly toArray: readonly object[]
}

/** A value of the application as storage holds it. */
function cellOf(value: unknown): Cell {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value instanceof Date) return value.getTime()
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : { int: value.toString() }
  }
  if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString('hex').toUpperCase() }
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  return value as Cell
}

/** What a collection shows, in storage values and in key order. What TanStack DB adds to a row is left out. */
export function shownBy(collection: Shown): Row[] {
  return collection.toArray
    .map((row) =>
      Object.fromEntries(
        Object.entries(row)
          .filter(([name]) => !name.startsWith('$'))
          .map(([name, value]) => [name, cellOf(value)]),
      ),
    )
    .sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1))
}

/** Waits until `check` no longer throws. */
export const until = (check: () => void | Promise<void>, timeout = 8000): Promise<void> =>
  vi.waitFor(check, { timeout, interval: 5 })

/** Waits until the client shows exactly what the server has, table by table. */
export async function equalsServer(
  world: World,
  room: string,
  collections: { readonly [T in keyof FixtureRows]?: Shown },
): Promise<void> {
  for (const [table, collection] of Object.entries(collections)) {
    const stored = await world.rows(room, table)
    await until(() => expect(shownBy(collection)).toEqual(stored))
  }
}
