import type { World } from '../support/world.ts'

/** Has the room write down what is done to its notes from here on, in order. */
export async function writeDown(world: World, room: string): Promise<void> {
  const on = (event: string, row: 'NEW' | 'OLD') =>
    `CREATE TRIGGER ran_${event} AFTER ${event} ON notes BEGIN
       INSERT INTO ran (what, id) VALUES ('${event}', ${row}.id); END`
  await world.storageSql(room, 'CREATE TABLE ran (n INTEGER PRIMARY KEY, what TEXT, id TEXT)')
  await world.storageSql(room, on('insert', 'NEW'))
  await world.storageSql(room, on('update', 'NEW'))
  await world.storageSql(room, on('delete', 'OLD'))
}

/** What has been done, as `insert a`. */
export const executed = async (world: World, room: string): Promise<string[]> =>
  (await world.storageSql(room, 'SELECT what, id FROM ran ORDER BY n')).map(({ what, id }) => `${what} ${id}`)
