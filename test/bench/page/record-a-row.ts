import { type IDBPDatabase, openDB } from 'idb'
import type { Row } from '../row.ts'
import { type PageStore, timed } from './page-store.ts'

const open = (name: string): Promise<IDBPDatabase> =>
  openDB(`record a row: ${name}`, 1, {
    upgrade: (created) => {
      created.createObjectStore('rows', { keyPath: 'id' })
      created.createObjectStore('position')
    },
  })

async function keep(database: IDBPDatabase, rows: readonly Row[], position: string): Promise<void> {
  const transaction = database.transaction(['rows', 'position'], 'readwrite', { durability: 'relaxed' })
  for (const row of rows) void transaction.objectStore('rows').put(row)
  void transaction.objectStore('position').put(position, 'at')
  transaction.commit()
  await transaction.done
}

async function keepAll(name: string, rows: readonly Row[]): Promise<void> {
  const database = await open(name)
  await keep(database, rows, '1')
  database.close()
}

/** All rows, and the position that they are of. */
export async function readRecords(name: string): Promise<Row[]> {
  const database = await open(name)
  const transaction = database.transaction(['rows', 'position'], 'readonly')
  const [rows] = await Promise.all([
    transaction.objectStore('rows').getAll(),
    transaction.objectStore('position').get('at'),
  ])
  database.close()
  return rows
}

/** The floor: one record for each row, or write, and the position beside them. */
export const recordARow: PageStore = {
  keepRows: keepAll,
  keepWrites: keepAll,
  keepChanges: async (name, changes) => {
    const database = await open(name)
    const times: number[] = []
    for (const [i, rows] of changes.entries()) times.push(await timed(() => keep(database, rows, `${i}`)))
    database.close()
    return times
  },
  readRows: async (name) => (await readRecords(name)).length,
  readWrites: async (name) => (await readRecords(name)).length,
}
