import type { Durability } from './blind-write.ts'
import type { Database } from './database-layout.ts'
import { fenceOf, Purged } from './purge-fence.ts'
import { type NewWrite, type Revision, revisedId } from './room-storage.ts'
import { encodeFailure } from './write-record.ts'

/**
 * Revises the writes of `room` that are still there, in one transaction. The one that looks before it writes: a record that was put
 * blindly would bring back a write that another tab has settled meanwhile. Their marks are left alone, another tab may have sent them.
 */
export async function reviseWrites(
  database: Database,
  room: string,
  revisions: readonly Revision[],
  ofWrites: Durability,
): Promise<ReadonlySet<string>> {
  const there = new Set<string>()
  // A failure must survive the loss of power, as everywhere.
  const durability = revisions.some(({ becomes }) => becomes === 'failure') ? 'strict' : ofWrites
  const transaction = database.transaction(['writes', 'marks', 'failed', 'spare'], 'readwrite', {
    durability,
  })
  const closed = fenceOf(database)
  if (closed !== undefined && (await transaction.objectStore('spare').getKey(closed)) !== undefined) {
    await transaction.done
    throw new Purged()
  }
  const writes = transaction.objectStore('writes').index('id')
  const revise = async (revision: Revision) => {
    const id = revisedId(revision)
    const cursor = await writes.openCursor(IDBKeyRange.only(id))
    if (!cursor) return
    there.add(id)
    if (revision.becomes === 'write') {
      const { work, before, schemaVersion } = revision.write
      const { before: _, ...kept } = JSON.parse(cursor.value.text) as NewWrite
      const text = JSON.stringify({ ...kept, work, ...(before ? { before } : {}), schemaVersion })
      await cursor.update({ ...cursor.value, text })
    } else {
      await cursor.delete()
      await transaction.objectStore('marks').delete([room, id])
      await transaction.objectStore('failed').put(encodeFailure(revision.failure), [room, id])
    }
  }
  // Together: where a request fails the transaction is aborted, and all of them with it.
  await Promise.all([...revisions.map(revise), transaction.done])
  return there
}
