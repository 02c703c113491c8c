import { expect } from 'vitest'
import type { RawClient } from '../support/raw-client.ts'
import { RowSet } from '../support/row-set.ts'
import type { World } from '../support/world.ts'
import { promptly } from './promptly.ts'

/** Somebody else in the same object, who must not notice anything. */
export interface Neighbour {
  readonly client: RawClient
  /** Writes a row and takes everything up to its receipt. */
  readonly write: () => Promise<void>
  /** The rows that it holds are the object's. */
  readonly expectEqual: () => Promise<void>
}

const TABLES = ['todos', 'notes', 'samples'] as const

export async function enterNeighbour(world: World, room: string): Promise<Neighbour> {
  const client = await world.connect(room, { userId: 'nora' })
  await client.enter({ client: 'neighbour', cids: [{ cid: 'cid-neighbour', seen: 0 }] })
  const held = new Map(TABLES.map((table) => [table, new RowSet()]))
  for (const [i, table] of TABLES.entries())
    held.get(table)?.join(await client.join({ sub: i, collection: table }))
  let n = 0
  const write = async (): Promise<void> => {
    n++
    const { passes, outcomes } = await promptly(
      client.settle({
        cid: 'cid-neighbour',
        n,
        do: 'mutate',
        ops: [{ collection: 'samples', type: 'insert', key: `neighbour ${n}`, cols: { i: n } }],
      }),
      `the neighbour's write ${n}`,
    )
    expect(outcomes).toEqual([{ cid: 'cid-neighbour', n, outcome: { is: 'committed' } }])
    for (const pass of passes) for (const [table, rows] of held) rows.pass(table, pass)
  }
  return {
    client,
    write,
    expectEqual: async () => {
      await write()
      // The control route speaks JSON, which has no Infinity.
      const plain = (rows: RowSet) => JSON.parse(JSON.stringify(rows.sorted())) as unknown
      for (const [table, rows] of held) expect(plain(rows), table).toEqual(await world.rows(room, table))
    },
  }
}
