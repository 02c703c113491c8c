import type { PushItem, WireOp } from '../wire/index.ts'
import { utf8Bytes } from '../wire/index.ts'

/** What a write does: row operations that happen together, or a named command. */
export type Work =
  | { readonly do: 'mutate'; readonly ops: readonly WireOp[] }
  | { readonly do: 'call'; readonly name: string; readonly args: unknown }

/** `before`: a socket that is gone has carried the write, and its answer may be lost. */
export type Tried = 'never' | 'before'

/**
 * storing   handed to the storage; it may not be sent before it is kept.
 * queued    will be sent with the next push. It has a number if it was sent before.
 * sent      on the current socket, awaiting its receipt. `at` is when, in milliseconds.
 * decided   committed, but a collection that it touches is joining: it retires with the rows of the join, or it would vanish until then.
 *           `cid` is the client id that `n` belongs to; the outbox may have moved to another one since.
 */
export type Stage =
  | { readonly is: 'storing' }
  | { readonly is: 'queued'; readonly n: number | null; readonly tried: Tried }
  | { readonly is: 'sent'; readonly n: number; readonly tried: Tried; readonly at: number }
  | { readonly is: 'decided'; readonly cid: string; readonly n: number }

export interface Entry {
  /** Stable for the life of the write, also when its number changes. */
  readonly id: string
  readonly work: Work
  /** What it takes in a push frame at most, in UTF-8 bytes. */
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly queuedAt: number
  readonly stage: Stage
}

/** Room for the fields around the work: the client id, the number, `again`, the punctuation, and the frame's own. */
export const ENVELOPE_BYTES = 256

/** How much room `work` takes in a frame. */
export const workBytes = (work: Work): number => utf8Bytes(JSON.stringify(work)) + ENVELOPE_BYTES

export const QUEUED: Stage = { is: 'queued', n: null, tried: 'never' }

/** The number of an entry that the server has not decided as far as we know; null when it has none. */
export function openNumber({ stage }: Entry): number | null {
  return stage.is === 'sent' || stage.is === 'queued' ? stage.n : null
}

/** True when nobody can say whether the server has run it. */
export const mayHaveRun = ({ stage }: Entry): boolean =>
  stage.is === 'sent' || (stage.is === 'queued' && stage.tried === 'before')

export const touches = ({ work }: Entry, collections: ReadonlySet<string>): boolean =>
  work.do === 'mutate' && work.ops.some((op) => collections.has(op.collection))

export function pushItem(cid: string, n: number, work: Work, again: boolean): PushItem {
  const numbered = again ? { cid, n, again } : { cid, n }
  return work.do === 'mutate'
    ? { ...numbered, do: work.do, ops: work.ops }
    : { ...numbered, do: work.do, name: work.name, args: work.args }
}
