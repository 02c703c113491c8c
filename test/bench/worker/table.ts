/** The one table of every room, product and floor; a room with shelves has more of its kind. */
export const TABLE = `CREATE TABLE IF NOT EXISTS messages (
  id TEXT PRIMARY KEY, author TEXT NOT NULL, content TEXT NOT NULL, created_at INTEGER NOT NULL) WITHOUT ROWID`

/** How many tables the room of this name has, or undefined where it is an ordinary one. */
export function shelvesOf(room: string): number | undefined {
  const [, count] = /^shelves-(\d+)-/.exec(room) ?? []
  return count === undefined ? undefined : Number(count)
}

/** The first is that of every other room, so that the bench's own verbs find it. */
export const tableNames = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => (i === 0 ? 'messages' : `shelf_${i}`))
