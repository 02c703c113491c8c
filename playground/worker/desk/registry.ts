import { SyncRegistry } from '@durable-sync/server/registry'
import type { Claims } from '../claims.ts'

/** A message that somebody keeps, of whatever room. */
export interface Bookmark {
  /** That of the message: a message is kept once. */
  readonly id: string
  readonly room: string
  readonly note: string
}

const MAX_NOTE_LENGTH = 200

function checkNote(note: unknown) {
  if (typeof note !== 'string' || note.length > MAX_NOTE_LENGTH)
    throw new Error(`A note may have ${MAX_NOTE_LENGTH} characters.`)
}

/** What somebody may do on their own desk. Nobody else can open it, so nothing needs to be checked but the words. */
export const deskRegistry = new SyncRegistry<Claims, object, { bookmarks: Bookmark }>()
  .defineCollection({ table: 'bookmarks', pk: 'id' })
  .defineMutation({
    collection: 'bookmarks',
    type: 'insert',
    writable: ['room', 'note'],
    authorize: ({ op }) => checkNote(op.cols.note),
  })
  .defineMutation({
    collection: 'bookmarks',
    type: 'update',
    writable: ['note'],
    authorize: ({ op }) => checkNote(op.cols.note),
  })
  .defineMutation({ collection: 'bookmarks', type: 'delete' })

/** The contract of a desk, as a type. */
export type DeskApi = typeof deskRegistry
