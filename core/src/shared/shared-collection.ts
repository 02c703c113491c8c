import { insideOf, type SyncClient } from '../client/sync-client.ts'
import type { AnyWhere } from '../collection/collection-where.ts'
import {
  type AnyOptions,
  type CommonOptions,
  collectionOptions,
  type DoCollectionOptions,
  type RowOf,
  type RowsOption,
  type TableOf,
} from '../collection/do-collection-options.ts'
import { ProtocolError } from '../errors.ts'
import { canonical } from '../wire/canonical-predicate.ts'
import { predicateOf, settledFilter } from '../wire/predicate-of.ts'
import type { Shareable, SharedCollection } from './held-collection.ts'
import { sharedBy } from './shared-collections.ts'

/**
 * Which rows are shared, and how: all of `doCollectionOptions` but the client, and without `gcTime`, because a shared collection is cleaned
 * up by whether it is retained. Another table, filter or mode is another collection. `id` is needed where `where` is a function: nothing else can tell two
 * functions apart, so that it must name all that the function depends on.
 */
export type SharedCollectionSpec<Api, Table extends TableOf<Api>> = Omit<CommonOptions, 'gcTime'> &
  RowsOption<Api, Table>

/**
 * The collection of a client that shows these rows: for the same rows the same one, made by `create`, which is the framework's own
 * `createCollection`, when there is none yet. It may be called while rendering: a collection asks nothing of the server before somebody subscribes to it.
 *
 * A collection that nobody retains for 5 seconds, that no live query uses and in which no write or transaction is unsettled, is cleaned up and forgotten. While
 * rendering on a server nothing is shared and nothing is kept: every call makes its own.
 * @throws ProtocolError `collection-id-missing` for a `where` that is a function without an `id`.
 */
export function sharedCollection<Api, Table extends TableOf<Api>, C extends Shareable>(
  client: SyncClient<Api>,
  spec: SharedCollectionSpec<Api, Table>,
  create: (options: DoCollectionOptions<RowOf<Api, Table>, Api>) => C,
): SharedCollection<C> {
  const { table, syncMode = 'eager', id } = spec
  const where = askedOf(spec.where)
  const key = JSON.stringify([table, syncMode, ...nameOf(where, id, table)])
  const made = (id: string): C => {
    const asked = where === undefined ? {} : { where }
    const options = collectionOptions({ ...spec, ...asked, client, id } as object as AnyOptions)
    // The type of its rows follows from the table's name.
    return create(options as object as DoCollectionOptions<RowOf<Api, Table>, Api>)
  }
  return sharedBy(insideOf(client)).get(key, table, made)
}

/** What is asked for now. A filter that cannot be said stays as it is: the collection says what is wrong with it. */
function askedOf(where: AnyWhere | undefined): AnyWhere | undefined {
  if (where === undefined || typeof where === 'function') return where
  try {
    return settledFilter(where)
  } catch {
    return where
  }
}

/** What tells a filter from another one. */
function nameOf(where: AnyWhere | undefined, id: string | undefined, table: string): unknown[] {
  const given = id === undefined ? [] : [{ id }]
  if (where === undefined) return given
  if (typeof where !== 'function') return [...given, filterText(where)]
  if (id !== undefined) return [...given, 'function']
  throw new ProtocolError(
    'collection-id-missing',
    `The filter of the shared collection of "${table}" is a function, which no other call can be known to mean. Give it an \`id\` that names all it depends on, or a plain object as \`where\``,
  )
}

/** One that cannot be said is a filter of its own. */
function filterText(where: object): unknown {
  try {
    return canonical(predicateOf(where))
  } catch (error) {
    return String(error)
  }
}
