import { decodeValues } from '../collection/pending-op.ts'
import { encodeOp, encodeRow } from '../outbox/encode-op.ts'
import type { Work } from '../outbox/entry.ts'
import type { NewWrite, Revision } from '../persistence/room-storage.ts'
import type { WireValues } from '../wire/index.ts'
import { jsonProblem } from '../wire/json-problem.ts'

/** A row operation of a stored write, in the values of the application. */
export interface StoredOp {
  readonly collection: string
  readonly type: 'insert' | 'update' | 'delete'
  readonly key: string
  /** Of an insert the row, of an update the columns that it changed; null for a delete. */
  readonly values: Readonly<Record<string, unknown>> | null
  /** The row before the write, as far as it is known; null where there was none. It is shown until the server's row is there. */
  readonly previous: Readonly<Record<string, unknown>> | null
}

/** What a stored write does: operations that happen together, or a command. */
export type StoredMutation =
  | { readonly ops: readonly StoredOp[] }
  | { readonly command: string; readonly args: unknown }

/**
 * Brings a write that an earlier version of the app has left unsent up to date. `from` is the `schemaVersion` under which it was made.
 * What it returns is kept in its place before anything is sent. Null, or a throw: the write cannot be brought up to date, and becomes a
 * failed one. It must return the same for the same write, because every tab asks.
 */
export type MigrateMutation = (mutation: StoredMutation, from: number) => StoredMutation | null

/** Under which number a server may know it, or null. */
const numberOf = ({ cid, n }: NewWrite) => (n === null ? null : { cid, n })

function mutationOf({ work, before }: NewWrite): StoredMutation {
  if (work.do === 'call') return { command: work.name, args: work.args }
  const ops = work.ops.map(({ collection, type, key, cols }, i): StoredOp => {
    const previous = before?.[i]
    return {
      collection,
      type,
      key,
      values: cols ? decodeValues(cols) : null,
      previous: previous ? decodeValues(previous) : null,
    }
  })
  return { ops }
}

interface Migrated {
  readonly work: Work
  readonly before?: readonly (WireValues | null)[]
}

/** @throws when it is nothing that can be written. */
function migratedOf(mutation: StoredMutation): Migrated {
  if ('command' in mutation) {
    const { command: name, args } = mutation
    const problem = jsonProblem(args)
    if (problem) throw new TypeError(`The argument of the command "${name}" ${problem}`)
    return { work: { do: 'call', name, args } }
  }
  const { ops } = mutation
  if (ops.length === 0) throw new TypeError('There are no operations')
  return {
    work: {
      do: 'mutate',
      ops: ops.map(({ collection, type, key, values, previous }) => {
        const row = values ?? {}
        return encodeOp(collection, { type, key, original: previous ?? {}, modified: row, changes: row })
      }),
    },
    before: ops.map(({ previous }) => (previous ? encodeRow(previous) : null)),
  }
}

export interface MigrationTerms {
  readonly migrate: MigrateMutation
  /** Of the app that runs now. */
  readonly schemaVersion: number
  /** Milliseconds since 1970. */
  readonly now: number
}

/** What becomes of a write that was kept under another version of the app's schema. */
export function migration(write: NewWrite, { migrate, schemaVersion, now }: MigrationTerms): Revision {
  let why = 'The app no longer knows what it meant.'
  try {
    const mutation = migrate(mutationOf(write), write.schemaVersion)
    if (mutation) {
      const { before: _, ...kept } = write
      return { becomes: 'write', write: { ...kept, ...migratedOf(mutation), schemaVersion } }
    }
  } catch (error) {
    why = String(error)
  }
  const { id, work, before, sent, queuedAt } = write
  const failure = {
    id,
    work,
    ...(before ? { before } : {}),
    number: numberOf(write),
    queuedAt,
    failedAt: now,
  }
  return { becomes: 'failure', failure: { ...failure, ...(sent ? unknown(why) : unsent(why)) } }
}

const unsent = (why: string) => ({
  code: 'write-not-migrated',
  message: `The write was made by an earlier version of the app, and was not sent. ${why}`,
})

/** Nobody will ask the server any more: its number is given up with it. */
const unknown = (why: string) => ({
  code: 'outcome-unknown',
  message: `The write was made by an earlier version of the app, which may have sent it. ${why}`,
})
