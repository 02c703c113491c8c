import type { Message } from '../worker/registry.ts'

const MINUTE_MS = 60_000

/** Messages that one person wrote within one minute, under one heading. */
export interface MessageGroup<M extends Message> {
  /** The id of its first message. */
  readonly id: string
  readonly author: string
  /** Milliseconds since 1970, of the first message. */
  readonly at: number
  readonly messages: readonly M[]
  /** Whether it is the first of its day. */
  readonly newDay: boolean
}

const minuteOf = (at: number) => Math.floor(at / MINUTE_MS)
const dayOf = (at: number) => new Date(at).toDateString()

/** Messages in order, put under their headings. */
export function groupMessages<M extends Message>(messages: readonly M[]): MessageGroup<M>[] {
  const groups: (MessageGroup<M> & { readonly messages: M[] })[] = []
  for (const message of messages) {
    const last = groups.at(-1)
    if (last && last.author === message.author && minuteOf(last.at) === minuteOf(message.created_at)) {
      last.messages.push(message)
      continue
    }
    const newDay = !last || dayOf(last.at) !== dayOf(message.created_at)
    groups.push({
      id: message.id,
      author: message.author,
      at: message.created_at,
      messages: [message],
      newDay,
    })
  }
  return groups
}
