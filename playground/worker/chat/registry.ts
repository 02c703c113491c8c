import { SyncRegistry } from '@durable-sync/server/registry'
import type { Claims } from '../claims.ts'
import { askForRefusal, type Refusal, refuseIfAsked } from '../refusals.ts'
import { countApplied, countRefused, type LedgerRow, messageNumber } from './ledger.ts'
import { MAX_MESSAGE_LENGTH } from './message-length.ts'

export interface Message {
  readonly id: string
  /** The id of the person who wrote it. */
  readonly author: string
  readonly content: string
  /** Milliseconds since 1970, by the author's clock. */
  readonly created_at: number
}

export interface Person {
  readonly id: string
  readonly name: string
}

const MAX_NAME_LENGTH = 40

function checkName(name: unknown) {
  if (typeof name !== 'string' || name.trim() === '') throw new Error('A name needs at least one letter.')
  if (name.length > MAX_NAME_LENGTH) throw new Error(`A name may have ${MAX_NAME_LENGTH} characters.`)
}

function checkMessage({ author, content }: Message, user: Claims) {
  if (author !== user.userId) throw new Error('You can only write under your own name.')
  if (content.length > MAX_MESSAGE_LENGTH)
    throw new Error(`A message may have ${MAX_MESSAGE_LENGTH} characters, this one has ${content.length}.`)
}

/** What a page may do in a room. The page imports the type of it and nothing else. */
export const registry = new SyncRegistry<
  Claims,
  object,
  { messages: Message; people: Person; refusals: Refusal; ledger: LedgerRow }
>()
  .defineCollection({ table: 'messages', pk: 'id' })
  .defineCollection({ table: 'people', pk: 'id' })
  .defineCollection({ table: 'refusals', pk: 'id' })
  .defineCollection({ table: 'ledger', pk: 'id' })
  .defineMutation({
    collection: 'messages',
    type: 'insert',
    authorize: ({ user, op, sql }) => {
      const number = messageNumber(op.cols.id)
      if (number && number.writer !== user.userId) throw new Error('This number is somebody else’s.')
      try {
        checkMessage(op.cols, user)
        refuseIfAsked(sql, user.userId)
      } catch (error) {
        if (number) countRefused(sql, number)
        throw error
      }
    },
    execute: ({ op, sql }) => {
      const { id, author, content, created_at } = op.cols
      const number = messageNumber(id)
      if (number) countApplied(sql, number)
      sql.exec(
        // One that is there already is counted, and nothing else: the ledger is to tell of it.
        `INSERT INTO messages (id, author, content, created_at) VALUES (?, ?, ?, ?)${number ? ' ON CONFLICT DO NOTHING' : ''}`,
        id,
        author,
        content,
        created_at,
      )
    },
  })
  .defineMutation({
    collection: 'people',
    type: 'insert',
    authorize: ({ user, op }) => {
      if (op.key !== user.userId) throw new Error('You can only name yourself.')
      checkName(op.cols.name)
    },
    // Two tabs of one person may both introduce them.
    execute: ({ op, sql }) => {
      sql.exec(
        'INSERT INTO people (id, name) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name',
        op.key,
        op.cols.name,
      )
    },
  })
  .defineMutation({
    collection: 'people',
    type: 'update',
    writable: ['name'],
    authorize: ({ user, op }) => {
      if (op.key !== user.userId) throw new Error('You can only name yourself.')
      checkName(op.cols.name)
    },
  })
  .defineCommand({
    name: 'refuseNextWrite',
    execute: ({ user, sql }) => askForRefusal(sql, user.userId),
  })
  .defineCommand({
    name: 'clearRoom',
    execute: ({ sql }) => ({ cleared: sql.exec('DELETE FROM messages RETURNING id').toArray().length }),
  })

/** The contract of a room, as a type. */
export type ChatApi = typeof registry
