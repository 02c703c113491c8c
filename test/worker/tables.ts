/** The tables of the fixture. Their rows are described in `rows.ts`. */
export const TABLES: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS messages (
    id TEXT PRIMARY KEY, author TEXT NOT NULL, content TEXT NOT NULL, created_at INTEGER NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS todos (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0, due_at INTEGER, meta TEXT, views INTEGER,
    avatar BLOB, rank REAL, owner TEXT) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS notes (
    id TEXT PRIMARY KEY, slug TEXT NOT NULL UNIQUE, title TEXT NOT NULL) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS comments (
    id TEXT PRIMARY KEY, note_id TEXT NOT NULL REFERENCES notes (id) ON DELETE CASCADE, content TEXT NOT NULL) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, rowid INTEGER, payload TEXT)`,
  `CREATE TABLE IF NOT EXISTS samples (
    id TEXT PRIMARY KEY, t TEXT, i INTEGER, r REAL, n NUMERIC, b) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, behaviour TEXT NOT NULL, delay INTEGER NOT NULL) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS traces (id TEXT PRIMARY KEY, job TEXT NOT NULL) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS tasks (
    id TEXT PRIMARY KEY, votes INTEGER, title TEXT, category TEXT) WITHOUT ROWID`,
  `CREATE INDEX IF NOT EXISTS tasks_votes ON tasks (votes)`,
  `CREATE INDEX IF NOT EXISTS tasks_category ON tasks (category)`,
  `CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY, owner TEXT, team TEXT, title TEXT, size INTEGER) WITHOUT ROWID`,
]
