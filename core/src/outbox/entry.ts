import type { PushItem, WireOp, WireValues } from '../wire/index.ts'
import { jsonBytes } from './json-bytes.ts'

/** What a write does: row operations that happen together, or a named command. */
export type Work =
  | { readonly do: 'mutate'; readonly ops: readonly WireOp[] }
  | { readonly do: 'call'; readonly name: string; readonly args: unknown }

export type CallWork = Extract<Work, { readonly do: 'call' }>

/** Under which client id and number the server knows a write. */
export interface WriteNumber {
  readonly cid: string
  readonly n: number
}

/** `before`: a socket that is gone may have carried the write, and its answer may be lost. */
export type Tried = 'never' | 'before'

/**
 * storing   handed to the storage; it may not be sent before it is kept.
 * queued    kept. It is sent when everything before it under another client id is decided, and when its mark is kept.
 * marking   the mark "may have been sent" is being kept.
 * withdrawing  taken back by the application, which is being kept.
 * sent      on the current socket, awaiting its receipt. `at` is when, in milliseconds.
 * decided   committed, but a collection that it touches is joining: it retires with the rows of the join, or it would vanish until then.
 */
export type Stage =
  | { readonly is: 'storing' | 'queued' | 'marking' | 'withdrawing' | 'decided' }
  | { readonly is: 'sent'; readonly at: number }

/** A write as it is handed in. */
export interface Draft {
  /** Stable for the life of the write. */
  readonly id: string
  readonly work: Work
  /** Rows before the write, one for each operation; null where there was none. */
  readonly before: readonly (WireValues | null)[] | undefined
  /** What it takes in a push frame at most, in UTF-8 bytes. */
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly queuedAt: number
  /** The failed write that it is another try of. */
  readonly replaces: string | null
}

export interface Entry extends Draft {
  readonly number: WriteNumber
  /** The order of all writes of this device; `UNPLACED` until the storage has said. */
  readonly ord: number
  /** Whether it is kept that the write may have been sent. */
  readonly mark: 'none' | 'kept'
  readonly tried: Tried
  /** When a socket may last have carried it, by the server's clock, in milliseconds; null when none has. */
  readonly carriedAt: number | null
  readonly stage: Stage
}

export const UNPLACED = Number.MAX_SAFE_INTEGER
export const QUEUED: Stage = { is: 'queued' }
export const DECIDED: Stage = { is: 'decided' }

/** Room for the fields around the work: the client id, the number, `again`, the punctuation, and the frame's own. */
export const ENVELOPE_BYTES = 256

/** How much room `work` takes in a frame at most: what a push says once for several writes is counted with each of them. */
export const workBytes = (work: Work): number => jsonBytes(work) + ENVELOPE_BYTES

/** Kept, and not decided as far as we know. */
export const isOpen = ({ stage }: Entry): boolean =>
  stage.is === 'queued' || stage.is === 'marking' || stage.is === 'sent'

/** True when nobody can say whether the server has run it. */
export const mayHaveRun = ({ stage, tried }: Entry): boolean => stage.is === 'sent' || tried === 'before'

/** True when no socket of this or any other page can have carried it. */
export const isUnsent = ({ stage, tried, mark }: Entry): boolean =>
  (stage.is === 'queued' || stage.is === 'marking') && tried === 'never' && mark === 'none'

/** What was on its way is on its way no more; whether it arrived is for the server to say. */
export const cutOff = (entry: Entry): Entry =>
  entry.stage.is === 'sent' ? { ...entry, stage: QUEUED, tried: 'before' } : entry

export const touches = ({ work }: Entry, collections: ReadonlySet<string>): boolean =>
  work.do === 'mutate' && work.ops.some((op) => collections.has(op.collection))

export function pushItem({ number, work, tried }: Entry): PushItem {
  const numbered = tried === 'before' ? { ...number, again: true } : number
  return work.do === 'mutate'
    ? { ...numbered, do: work.do, ops: work.ops }
    : { ...numbered, do: work.do, name: work.name, args: work.args }
}
