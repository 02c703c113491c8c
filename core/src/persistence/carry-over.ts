import { type BlindOp, writeBlindly } from './blind-write.ts'
import { type Database, databaseName, type Owner } from './database-layout.ts'
import { placesOf, readQueue } from './read-room.ts'
import { visit } from './registry.ts'
import { encodeFailure, encodeWrite } from './write-record.ts'

/**
 * Brings the writes of an older format into `database`. They keep their numbers, so that it does no harm when a tab with the
 * old code sends them as well. They are taken out of the old one only when they are durable here; the old code still finds its rows.
 */
export async function carryOver(
  database: Database,
  { owner, format }: { readonly owner: Owner; readonly format: number },
): Promise<void> {
  // Every one is looked for: a page may have ended before it registered its own.
  for (let older = format - 1; older >= 1; older--)
    await visit(databaseName(owner, older), (old) => move(old, database))
}

async function move(from: Database, to: Database): Promise<void> {
  const { writes, failed } = await readQueue(from)
  if (writes.length + failed.length === 0) return
  // A page that was cut off may have brought them and not taken them out.
  const there = await placesOf(
    to,
    writes.map(({ id }) => id),
  )
  const added: BlindOp[] = [
    ...writes
      .filter(({ id }) => !there.has(id))
      .map(({ room, ord: _, ...write }): BlindOp => {
        return { do: 'append', store: 'writes', value: encodeWrite(room, write), onKey: () => {} }
      }),
    ...failed.map(({ room, ...failure }): BlindOp => {
      return { do: 'put', store: 'failed', key: [room, failure.id], value: encodeFailure(failure) }
    }),
  ]
  await writeBlindly(to, added, 'strict')
  const unreadable = await placesOf(
    from,
    failed.map(({ id }) => id),
  )
  const removed: BlindOp[] = [
    ...writes.map(({ ord }): BlindOp => ({ do: 'delete', store: 'writes', key: ord })),
    ...failed.map(({ room, id }): BlindOp => ({ do: 'delete', store: 'failed', key: [room, id] })),
    ...[...unreadable.values()].map((ord): BlindOp => ({ do: 'delete', store: 'writes', key: ord })),
  ]
  await writeBlindly(from, removed, 'relaxed')
}
