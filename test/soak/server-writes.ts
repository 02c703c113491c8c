import type { Dice } from './dice.ts'
import type { ServerWrite } from './schedule.ts'
import type { SoakWorld } from './soak-world.ts'

/** Statements of the object's own, over the same keys as the clients'. Each may change nothing. */
const STATEMENTS: readonly ((dice: Dice) => string)[] = [
  (dice) =>
    `UPDATE todos SET rank = ${dice.between(-20, 20)} / 2.0, owner = NULL
     WHERE id BETWEEN 't${dice.between(0, 4)}' AND 'x${dice.between(10, 18)}'`,
  (dice) =>
    `INSERT OR REPLACE INTO todos (id, title, done, meta) VALUES ('t${dice.between(0, 4)}', 'by the server', 1, '{"a":[1]}')`,
  (dice) => `DELETE FROM todos WHERE id = 't${dice.between(0, 4)}'`,
  (dice) =>
    `INSERT OR REPLACE INTO notes (id, slug, title) VALUES ('n${dice.between(0, 5)}', 's${dice.between(0, 3)}', 'by the server')`,
  (dice) => `UPDATE OR REPLACE notes SET slug = 's${dice.between(0, 3)}' WHERE id = 'n${dice.between(0, 4)}'`,
  (dice) => `UPDATE OR IGNORE notes SET id = 'n${dice.between(0, 5)}' WHERE id = 'n${dice.between(0, 5)}'`,
  (dice) => `DELETE FROM notes WHERE slug = 's${dice.between(0, 3)}'`,
  () => `DELETE FROM jobs WHERE id IN (SELECT id FROM jobs ORDER BY id LIMIT 1)`,
  (dice) => `UPDATE jobs SET delay = ${dice.between(100, 999)} WHERE id IN (SELECT max(id) FROM jobs)`,
]

const UNWATCHED = "INSERT OR REPLACE INTO events (id, payload) VALUES ('e', 'nobody shows this')"

export const someStatements = (dice: Dice, how: ServerWrite, count: number): string[] =>
  Array.from({ length: count }, () => (how === 'unwatched' ? UNWATCHED : dice.pick(STATEMENTS)(dice)))

/** The object writes by itself. @throws Error when it ended meanwhile; what it wrote may have happened or not. */
export async function serverWrite(
  world: SoakWorld,
  room: string,
  how: ServerWrite,
  statements: readonly string[],
): Promise<void> {
  const run = (via: 'sync' | 'storage') =>
    world.control(room, 'sql', { statement: statements.join(';\n'), params: [], via })
  switch (how) {
    case 'sql':
    case 'unwatched':
      await run('sync')
      break
    case 'transaction':
      await world.control(room, 'write', { statements })
      break
    case 'raw':
      await run('storage')
      await world.control(room, 'flush', {})
      break
    case 'unflushed':
      await run('storage')
      break
    default:
      how satisfies never
  }
}

/** Rows that make a join take several requests. */
export const FURNITURE: readonly string[] = [
  `WITH RECURSIVE c (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM c WHERE i < 27)
   INSERT INTO todos (id, title, rank) SELECT 'x' || i, 'an old todo that nobody ever looks at again', i FROM c`,
  `WITH RECURSIVE c (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM c WHERE i < 30)
   INSERT INTO notes (id, slug, title) SELECT 'x' || i, 'x' || i, 'an old note that nobody ever looks at again, however long' FROM c`,
]
