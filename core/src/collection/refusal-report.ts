import { ProtocolError } from '../errors.ts'

/** What was said already, for each client: the table and the code. */
const told = new WeakMap<object, Set<string>>()

/**
 * Says in the console what only a developer can mend, once for each table and code of a client: a collection that stays empty says nothing by
 * itself, and an error that TanStack DB was given is seen only where somebody looks at the status of a live query.
 */
export function reportRefusal(client: object, table: string, error: unknown): void {
  if (!(error instanceof ProtocolError) || error.code === 'client-closed') return
  const before = told.get(client) ?? new Set()
  told.set(client, before)
  const name = JSON.stringify([table, error.code])
  if (before.has(name)) return
  before.add(name)
  console.error(`durable-sync: the collection of "${table}" cannot be served: ${error.message}`)
}
