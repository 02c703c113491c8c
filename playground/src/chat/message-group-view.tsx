import { useConnectionStatus } from '@durable-sync/react'
import type { MessageGroup } from './message-groups.ts'
import type { messages } from './room.ts'

type Row = (typeof messages.toArray)[number]

const time = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', month: 'long', day: 'numeric' })
const HUES = 12

/** Somebody's colour: the same for everybody who looks, and for ever. */
function hueOf(author: string): number {
  let sum = 0
  for (const letter of author) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973
  return (sum % HUES) * (360 / HUES)
}

export interface MessageGroupViewProps {
  readonly group: MessageGroup<Row>
  /** Undefined for somebody who never gave one. */
  readonly name: string | undefined
  readonly mine: boolean
  /** The ids of messages that are not confirmed. */
  readonly pending: ReadonlySet<string>
}

export function MessageGroupView({ group, name = 'Somebody', mine, pending }: MessageGroupViewProps) {
  const { state } = useConnectionStatus()
  const isPending = (message: Row) => message.$hasPendingWrites || pending.has(message.id)
  return (
    <>
      {group.newDay && <h2 className="day">{day.format(group.at)}</h2>}
      <section
        className={mine ? 'group mine' : 'group'}
        style={{ '--hue': hueOf(group.author) } as React.CSSProperties}
      >
        <h3 className="heading">
          <span className="author">{mine ? <span className="visually-hidden">You</span> : name}</span>
          <time dateTime={new Date(group.at).toISOString()}>{time.format(group.at)}</time>
        </h3>
        <ul>
          {group.messages.map((message) => (
            <li
              key={message.id}
              className="message"
              data-testid="message"
              data-id={message.id}
              data-author={message.author}
              data-state={isPending(message) ? 'pending' : 'confirmed'}
              // A transaction is over once this device keeps it.
              data-kept={!message.$hasPendingWrites}
            >
              {message.content}
            </li>
          ))}
        </ul>
        {group.messages.some(isPending) && (
          <p className="fate">{state === 'connected' ? 'Sending…' : 'Not sent yet'}</p>
        )}
      </section>
    </>
  )
}
