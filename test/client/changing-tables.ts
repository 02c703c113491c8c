import type { World } from '../support/world.ts'

const BIG_ROWS = 4
const text = (bytes: number) => `substr(replace(hex(zeroblob(${bytes})), '0', 'x'), 1, ${bytes})`

/** How often each room was changed. */
const generations = new Map<string, number>()

/** Rows of three tables, the same in each: `put` writes one whose text column says `value`. */
const TABLES = [
  {
    name: 'messages',
    put: (id: string, value: string) =>
      `INSERT OR REPLACE INTO messages (id, author, content, created_at) VALUES ('${id}', 'server', ${value}, 0)`,
  },
  {
    name: 'notes',
    put: (id: string, value: string) =>
      `INSERT OR REPLACE INTO notes (id, slug, title) VALUES ('${id}', '${id}', ${value})`,
  },
  {
    name: 'todos',
    put: (id: string, value: string) =>
      `INSERT OR REPLACE INTO todos (id, title, done, due_at, views) VALUES ('${id}', ${value}, 1, 5, 9007199254740993)`,
  },
]

/** The row that says in each table which change was the last one. */
export const GENERATION_ROW = 'generation'

/**
 * One transaction on the server that changes three tables: inserts, updates, deletes, a delete with a new insert, and rows of `bytes`
 * characters when that is not 0. Each table ends with the same text in its generation row.
 */
export async function changeAll(world: World, room: string, bytes: number): Promise<void> {
  const generation = (generations.get(room) ?? 0) + 1
  generations.set(room, generation)
  const value = `'${generation}'`
  const statements = TABLES.flatMap(({ name, put }) => [
    put(`new ${generation}`, value),
    put('hot', value),
    `DELETE FROM ${name} WHERE id = 'new ${generation - 2}'`,
    `DELETE FROM ${name} WHERE id = 'back'`,
    put('back', value),
    put(GENERATION_ROW, value),
    ...Array.from({ length: bytes === 0 ? 0 : BIG_ROWS }, (_, i) =>
      put(`big ${i}`, `${value} || ${text(bytes)}`),
    ),
  ])
  await world.control(room, 'write', { statements })
}

/** The first rows of a room. */
export async function seedAll(world: World, room: string, bytes: number): Promise<void> {
  await changeAll(world, room, bytes)
  await changeAll(world, room, bytes)
}
