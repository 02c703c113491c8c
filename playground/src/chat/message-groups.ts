import type { Message } from '../../worker/chat/registry.ts'

const MINUTE_MS = 60_000

/** Messages that one person wrote within one minute, under one heading. */
export interface MessageGroup<M extends Message> {
  /** The id of the message that began it, which may be further up than what is shown: it stays the same while older ones go. */
  readonly id: string
  readonly author: string
  /** Milliseconds since 1970, of the first message that is shown. */
  readonly at: number
  readonly messages: readonly M[]
  /** Whether it is the first of its day that is shown. */
  readonly newDay: boolean
}

const minuteOf = (at: number) => Math.floor(at / MINUTE_MS)
const dayOf = (at: number) => new Date(at).toDateString()

const together = (a: Message, b: Message) =>
  a.author === b.author && minuteOf(a.created_at) === minuteOf(b.created_at)

/** The id of the message that begins the group of the message at `index`. */
function beginningOf(messages: readonly Message[], index: number): string {
  for (let i = index; ; i--) {
    const here = messages[i]
    const above = messages[i - 1]
    if (!here || !above || !together(above, here)) return here?.id ?? ''
  }
}

/** The last `limit` messages, in order, put under their headings. */
export function groupMessages<M extends Message>(
  messages: readonly M[],
  limit = messages.length,
): MessageGroup<M>[] {
  const from = Math.max(0, messages.length - limit)
  const groups: (MessageGroup<M> & { readonly messages: M[] })[] = []
  for (const message of messages.slice(from)) {
    const last = groups.at(-1)
    const before = last?.messages.at(-1)
    if (last && before && together(before, message)) {
      last.messages.push(message)
      continue
    }
    const newDay = !last || dayOf(last.at) !== dayOf(message.created_at)
    groups.push({
      id: last ? message.id : beginningOf(messages, from),
      author: message.author,
      at: message.created_at,
      messages: [message],
      newDay,
    })
  }
  return groups
}
