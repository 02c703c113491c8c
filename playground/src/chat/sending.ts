import { useCallback, useState } from 'react'
import { monotonicFactory } from 'ulid'
import { me } from '../frame/here.ts'
import { reasonOf } from '../frame/reason-of.ts'
import { messages } from './room.ts'

/** A message that the room did not take. It is gone from the room, so the page keeps what was written. */
export interface RefusedMessage {
  readonly id: string
  readonly content: string
  readonly reason: string
}

// Two messages of one millisecond keep their order.
const nextId = monotonicFactory()

export interface Sending {
  readonly send: (content: string) => void
  readonly refused: readonly RefusedMessage[]
  readonly dismiss: (id: string) => void
}

/** Writes messages and remembers those that were refused. */
export function useSending(): Sending {
  const [refused, setRefused] = useState<readonly RefusedMessage[]>([])
  const send = useCallback((content: string) => {
    const message = { id: nextId(), author: me.id, content, created_at: Date.now() }
    messages.insert(message).isPersisted.promise.catch((error: unknown) => {
      setRefused((before) => [...before, { id: message.id, content, reason: reasonOf(error) }])
    })
  }, [])
  const dismiss = useCallback(
    (id: string) => setRefused((before) => before.filter((one) => one.id !== id)),
    [],
  )
  return { send, refused, dismiss }
}
