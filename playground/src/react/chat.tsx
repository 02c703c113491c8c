import { usePendingWrites, useSyncClient, useSyncedCollection } from '@durable-sync/react'
import { eq, useLiveQuery } from '@tanstack/react-db'
import { useEffect, useRef } from 'react'
import type { ChatApi } from '../../worker/chat/registry.ts'
import { nextMessageId } from '../lab/next-message-id.ts'
import { pane } from '../lab/pane.ts'
import { EMPTY, LOADING, SHOWN } from '../pages/conversation.ts'
import { introduce } from '../pages/introduce.ts'
import { pendingKeys } from '../pages/pending-keys.ts'
import { stayAtEnd } from '../pages/stay-at-end.ts'
import { Refused } from './refused.tsx'
import { StatusLine } from './status-line.tsx'
import '../pages/chat.css'

const { room, user } = pane

export function Chat() {
  const client = useSyncClient<ChatApi>()
  const messages = useSyncedCollection({ table: 'messages' }, client)
  const people = useSyncedCollection({ table: 'people' }, client)
  const { data: newest, isReady } = useLiveQuery({
    query: (q) =>
      q
        .from({ message: messages })
        .leftJoin({ person: people }, ({ message, person }) => eq(message.author, person.id))
        .orderBy(({ message }) => message.created_at, 'desc')
        .orderBy(({ message }) => message.id, 'desc')
        .limit(SHOWN)
        .select(({ message, person }) => ({ ...message, name: person?.name })),
  })
  const pending = pendingKeys(usePendingWrites(), 'messages')

  const list = useRef<HTMLDivElement>(null)
  useEffect(() => (list.current ? stayAtEnd(list.current) : undefined), [])
  useEffect(() => void introduce(people, user), [people])

  // It shows at once. Kept on this device, it reaches the room, whenever that is.
  const send = (form: FormData) => {
    const content = String(form.get('content')).trim()
    if (content === '') return
    messages.insert({ id: nextMessageId(), author: user.id, content, created_at: Date.now() })
  }

  return (
    <main className="pane chat">
      <header className="head">
        <h1>{room}</h1>
        <p className="who">You are {user.name}</p>
        <StatusLine unit="message" />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keys can only scroll what has the focus */}
      <div ref={list} className="scroll" role="log" aria-label="Messages" tabIndex={0}>
        {newest.length === 0 && <p className="end">{isReady ? EMPTY : LOADING}</p>}
        <ol className="messages">
          {newest.toReversed().map(({ id, author, name, content }) => (
            <li
              key={id}
              className={author === user.id ? 'message mine' : 'message'}
              data-testid="message"
              data-id={id}
              data-state={pending.has(id) ? 'pending' : 'confirmed'}
            >
              <p className="name">{author === user.id ? 'You' : (name ?? 'Somebody')}</p>
              <p className="words">{content}</p>
              {pending.has(id) && <p className="fate">Not sent yet</p>}
            </li>
          ))}
        </ol>
        <Refused />
      </div>
      <form className="composer" action={send}>
        <label className="visually-hidden" htmlFor="content">
          Message
        </label>
        <input
          id="content"
          name="content"
          data-testid="composer"
          placeholder={`Write to ${room}`}
          autoComplete="off"
        />
        <button type="submit" data-testid="send">
          Send
        </button>
      </form>
    </main>
  )
}
