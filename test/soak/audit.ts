/**
 * What a room writes down about the writes that it has run: one row for every tag, in the order of application, in the transaction of
 * the write itself. The author's own table and triggers: sync knows nothing of them, and a rollback takes them along.
 */
const recorded = (table: string, event: string, tag: string) =>
  `CREATE TRIGGER IF NOT EXISTS audit_${table}_${event.replaceAll(' ', '_').toLowerCase()}
   AFTER ${event} ON ${table} BEGIN INSERT INTO audit (tag) VALUES (${tag}); END`

export const AUDIT_TABLES: readonly string[] = [
  'CREATE TABLE IF NOT EXISTS audit (n INTEGER PRIMARY KEY AUTOINCREMENT, tag TEXT NOT NULL)',
  recorded('todos', 'INSERT', 'new.title'),
  recorded('todos', 'UPDATE OF title', 'new.title'),
  recorded('notes', 'INSERT', 'new.title'),
  recorded('notes', 'UPDATE OF title', 'new.title'),
  recorded('jobs', 'INSERT', 'new.id'),
]

export const READ_AUDIT = 'SELECT tag FROM audit ORDER BY n'
