import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { all } from '../bench/patience.ts'
import { rowAt, rowsFrom } from '../bench/row.ts'
import { startWorker } from '../support/workerd.ts'
import type { Contestant } from './contestants.ts'

const ROWS = 50
const ROOM = 'kept'

/**
 * Writes rows, waits until the side says that they are stored, kills its server, and reads them from the next.
 * @throws Error when rows are missing: then "stored" would mean nothing.
 */
export async function checkStorage(contestant: Contestant, testFolder: string): Promise<void> {
  const { name, script, objects, side } = contestant
  const folder = await mkdtemp(join(tmpdir(), 'durable-sync-peers-'))
  const start = () => startWorker({ script: join(testFolder, script), objects, persist: folder })
  let server = await start()
  try {
    const before = side({ port: server.port, compression: 'none' })
    const writer = before.client(ROOM, 'user-001')
    await all('the writer', [writer.rows.preload()])
    await all('the rows', [writer.rows.insert(rowsFrom(0, ROWS)).isPersisted.promise])
    const written = writer.rows.update(rowAt(0).id, (draft) => {
      draft.content = 'changed'
    })
    await all('the change', [written.isPersisted.promise])
    await before.settled?.()
    await writer.leave()
    await server.kill()
    server = await start()
    const reader = side({ port: server.port, compression: 'none' }).client(ROOM, 'user-002')
    await all('the reader', [reader.rows.preload()])
    const { size } = reader.rows
    await Promise.all([reader.close(), writer.close()])
    if (size !== ROWS) throw new Error(`${name}: ${size} rows of ${ROWS} outlived their server`)
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
