/** The one table of every room, product and floor. */
export const TABLE = `CREATE TABLE IF NOT EXISTS messages (
  id TEXT PRIMARY KEY, author TEXT NOT NULL, content TEXT NOT NULL, created_at INTEGER NOT NULL) WITHOUT ROWID`
