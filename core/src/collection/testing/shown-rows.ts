import type { WireOp } from '../../wire/index.ts'
import type { SyncSurface } from '../collection-options-shape.ts'
import { PendingOverlay } from '../pending-overlay.ts'
import { PendingRows } from '../pending-rows.ts'
import { PendingViews } from '../pending-views.ts'
import { SyncWriter } from '../sync-writer.ts'
import type { PendingWriter } from '../writers.ts'

export interface NoteRow {
  readonly id: string
  readonly text: string
  readonly by: string
}

const COLS = ['id', 'text', 'by']

/** A row in one word for each column. */
export const note = (id: string, text: string, by = '-'): NoteRow => ({ id, text, by })

export const insert = (key: string, text: string): WireOp => ({
  collection: 'notes',
  type: 'insert',
  key,
  cols: { ...note(key, text) },
})
export const edit = (key: string, cols: Partial<NoteRow>): WireOp => ({
  collection: 'notes',
  type: 'update',
  key,
  cols,
})
export const remove = (key: string): WireOp => ({ collection: 'notes', type: 'delete', key })

/** The writes of a client, and a collection of notes that is a map of what was committed. */
export function shownRows() {
  const views = new PendingViews((error) => {
    throw error
  })
  const collection = () => {
    const rows = new Map<string, NoteRow>()
    /** What was visible after each commit. */
    const seen: string[] = []
    const text = () =>
      [...rows.values()]
        .map(({ id, text, by }) => `${id}=${text}/${by}`)
        .sort()
        .join(' ')
    const surface: SyncSurface<NoteRow> = {
      collection: { get: (key) => rows.get(key) },
      begin: () => {},
      write: (message) => {
        if (message.type === 'delete') rows.delete(message.key)
        else rows.set(message.value.id, message.value)
      },
      commit: () => void seen.push(text()),
      markReady: () => {},
      markError: () => {},
    }
    const pending = new PendingRows<NoteRow>()
    let holds: 'all' | 'some' = 'some'
    pending.holdBy(() => (holds === 'all' ? [undefined] : []))
    const writer = new SyncWriter(surface, (row) => row.id, new PendingOverlay(pending))
    const detach = views.attach('notes', writer)
    /** The server's rows, in a frame. `left` are rows of the frame that nobody holds. */
    const frame = (up: readonly NoteRow[], { del = [], left = [], set }: FrameOptions = {}) => {
      const folded = (each: readonly NoteRow[]) =>
        new Map(each.map((row) => [row.id, { cols: COLS, cells: [row.id, row.text, row.by] }]))
      const told = folded([...up, ...left])
      if (set === 'all') holds = set
      writer.write({ up: folded(up), del, told: (key) => told.get(key) }, 'id', {})
    }
    return { writer, pending, frame, detach, seen, shown: text }
  }
  let kept = 0
  /** A write that no transaction shows, and that was kept last: of another tab, or of the page before. */
  const adopt = (id: string, ops: readonly WireOp[], before?: readonly (NoteRow | null)[]) =>
    views.adopt([keptWrite(++kept, id, ops, before)])
  /** A write of a transaction that TanStack DB shows in `own`. */
  const begin = (
    id: string,
    ops: readonly WireOp[],
    own: PendingWriter,
    before?: readonly (NoteRow | null)[],
  ) => views.begin(write(id, ops, before), new Map([['notes', new Set([own])]]))
  return { views, collection, adopt, begin }
}

interface FrameOptions {
  readonly del?: readonly string[]
  readonly left?: readonly NoteRow[]
  /** From here on every row that the server has is held. */
  readonly set?: 'all'
}

const write = (id: string, ops: readonly WireOp[], before?: readonly (NoteRow | null)[]) => ({
  id,
  work: { do: 'mutate', ops } as const,
  before: before?.map((row) => (row ? { ...row } : null)),
})

/** `ord` is its place in the storage. */
export const keptWrite = (ord: number, ...[id, ops, before]: Parameters<typeof write>) => ({
  ...write(id, ops, before),
  ord,
})
