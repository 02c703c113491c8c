import type { FailedWrite } from '@durable-sync/core'
import { useSyncClient } from '@durable-sync/react'
import { useMemo } from 'react'
import { monotonicFactory } from 'ulid'
import { me } from '../frame/here.ts'
import { useReadable } from '../frame/use-readable.ts'
import { messages } from './room.ts'

/** A message that the room did not take. */
export interface RefusedMessage {
  /** Of the failed write. */
  readonly id: string
  readonly content: string
  readonly reason: string
}

// Two messages of one millisecond keep their order.
const nextId = monotonicFactory()

/** Writes a message. Once this device keeps it, it will reach the room, whenever that is. */
export function send(content: string): void {
  const message = { id: nextId(), author: me.id, content, created_at: Date.now() }
  // What this device cannot keep is rolled back; the panel says how the storage is.
  messages.insert(message).isPersisted.promise.catch(() => {})
}

/** Messages that were refused, in this tab or another one, today or yesterday, until somebody decides what becomes of them. */
export function useRefusedMessages(): readonly RefusedMessage[] {
  const { items } = useReadable(useSyncClient().failedWrites)
  // Several may have been refused in one instant.
  return useMemo(() => items.toSorted((a, b) => a.queuedAt - b.queuedAt).flatMap(refusedMessage), [items])
}

function refusedMessage({ id, ops, message }: FailedWrite): readonly RefusedMessage[] {
  const [op] = ops
  if (op?.collection !== 'messages' || typeof op.values?.content !== 'string') return []
  return [{ id, content: op.values.content, reason: message }]
}
