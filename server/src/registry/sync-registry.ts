import type { ColumnKind, HasSyncApi, SyncApi } from '@durable-sync/core/wire'
import type { CollectionOptions, KeyColumn } from './collection-definition.ts'
import type { CommandDefinition } from './command-definition.ts'
import type { MutationDefinition, MutationType } from './mutation-definition.ts'
import type { ErasedCollection, ErasedCommand, ErasedMutation } from './registered.ts'
import { RegistryError } from './registry-error.ts'

/** The contract of a registry that nothing was added to yet. */
export interface EmptyApi extends SyncApi {
  readonly collections: Readonly<Record<never, never>>
  readonly commands: Readonly<Record<never, never>>
}

type WithCollection<Api extends SyncApi, Table extends string, Row extends object, Key extends string> = {
  readonly collections: Api['collections'] & {
    readonly [T in Table]: { readonly row: Row; readonly key: Key }
  }
  readonly commands: Api['commands']
}
type WithCommand<Api extends SyncApi, Name extends string, Args, Result> = {
  readonly collections: Api['collections']
  readonly commands: Api['commands'] & {
    readonly [N in Name]: { readonly args: Args; readonly result: Result }
  }
}

type Tables<Rows> = keyof Rows & string
type RowOf<Rows, Table extends string> = Table extends keyof Rows
  ? Rows[Table] extends object
    ? Rows[Table]
    : never
  : never

/**
 * Everything that clients may do with one class of objects. The chain accumulates the clients' contract in its type: export
 * `typeof registry` and hand it to `SyncClient`.
 *
 * @typeParam Claims who a socket belongs to, as `parseAttachment` returns it.
 * @typeParam Rows the row type of every table that will be defined.
 * @throws RegistryError from every method, on a call that can never work.
 */
export class SyncRegistry<Claims, Env, Rows extends object, Api extends SyncApi = EmptyApi>
  implements HasSyncApi<Api>
{
  declare readonly '~api'?: Api
  readonly #collections = new Map<string, ErasedCollection>()
  readonly #commands = new Map<string, ErasedCommand>()

  /** A table that clients may hold. The table itself is yours: create and migrate it before `registerSync`. */
  defineCollection<const Table extends Tables<Rows>, const Key extends KeyColumn<RowOf<Rows, Table>>>(
    options: CollectionOptions<Table, RowOf<Rows, Table>, Key, Claims>,
  ): SyncRegistry<Claims, Env, Rows, WithCollection<Api, Table, RowOf<Rows, Table>, Key>> {
    if (this.#collections.has(options.table))
      throw new RegistryError(`the collection "${options.table}" is defined twice`)
    this.#collections.set(options.table, {
      table: options.table,
      pk: options.pk,
      kinds: { ...options.columns } as Readonly<Record<string, ColumnKind>>,
      readFilter: options.readFilter as ErasedCollection['readFilter'],
      mutations: new Map(),
    })
    return this as never
  }

  /** How clients may write to a collection. What is not defined is rejected. */
  defineMutation<Table extends Tables<Api['collections']>, T extends MutationType>(
    definition: MutationDefinition<Claims, Env, Api['collections'][Table]['row'], T> & {
      readonly collection: Table
      readonly type: T
    },
  ): SyncRegistry<Claims, Env, Rows, Api> {
    const collection = this.#collections.get(definition.collection)
    if (!collection)
      throw new RegistryError(`define the collection "${definition.collection}" before its mutations`)
    if (collection.mutations.has(definition.type))
      throw new RegistryError(`"${definition.type}" on "${definition.collection}" is defined twice`)
    if (!definition.execute && definition.type !== 'delete' && !definition.writable)
      throw new RegistryError(
        `"${definition.type}" on "${definition.collection}" has no execute: name the columns that clients may set in "writable"`,
      )
    collection.mutations.set(definition.type, definition as unknown as ErasedMutation)
    return this
  }

  /** A call that clients make by name. */
  defineCommand<const Name extends string, Args = undefined, Result = void>(
    definition: CommandDefinition<Claims, Env, Name, Args, Result>,
  ): SyncRegistry<Claims, Env, Rows, WithCommand<Api, Name, Args, Result>> {
    if (this.#commands.has(definition.name))
      throw new RegistryError(`the command "${definition.name}" is defined twice`)
    this.#commands.set(definition.name, definition as unknown as ErasedCommand)
    return this as never
  }

  /** @internal */
  get collections(): ReadonlyMap<string, ErasedCollection> {
    return this.#collections
  }

  /** @internal */
  get commands(): ReadonlyMap<string, ErasedCommand> {
    return this.#commands
  }
}
