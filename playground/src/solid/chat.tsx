import { usePendingWrites, useSyncClient, useSyncedCollection } from '@durable-sync/solid'
import { eq, useLiveQuery } from '@tanstack/solid-db'
import { createEffect, createMemo, createSignal, For, onCleanup, onMount, Show } from 'solid-js'
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
  const messages = useSyncedCollection(() => ({ table: 'messages' }), client)
  const people = useSyncedCollection(() => ({ table: 'people' }), client)
  const newest = useLiveQuery((q) =>
    q
      .from({ message: messages() })
      .leftJoin({ person: people() }, ({ message, person }) => eq(message.author, person.id))
      .orderBy(({ message }) => message.created_at, 'desc')
      .orderBy(({ message }) => message.id, 'desc')
      .limit(SHOWN)
      .select(({ message, person }) => ({ ...message, name: person?.name })),
  )
  const writes = usePendingWrites()
  const pending = createMemo(() => pendingKeys(writes(), 'messages'))

  let list!: HTMLDivElement
  onMount(() => onCleanup(stayAtEnd(list)))
  createEffect(() => void introduce(people(), user))

  const [draft, setDraft] = createSignal('')

  // It shows at once. Kept on this device, it reaches the room, whenever that is.
  const send = (event: SubmitEvent) => {
    event.preventDefault()
    const content = draft().trim()
    if (content === '') return
    messages().insert({ id: nextMessageId(), author: user.id, content, created_at: Date.now() })
    setDraft('')
  }

  return (
    <main class="pane chat">
      <header class="head">
        <h1>{room}</h1>
        <p class="who">You are {user.name}</p>
        <StatusLine unit="message" />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keys can only scroll what has the focus */}
      <div ref={list} class="scroll" role="log" aria-label="Messages" tabIndex={0}>
        <Show when={newest().length === 0}>
          <p class="end">{newest.isReady ? EMPTY : LOADING}</p>
        </Show>
        <ol class="messages">
          <For each={newest().toReversed()}>
            {(message) => (
              <li
                class="message"
                classList={{ mine: message.author === user.id }}
                data-testid="message"
                data-id={message.id}
                data-state={pending().has(message.id) ? 'pending' : 'confirmed'}
              >
                <p class="name">{message.author === user.id ? 'You' : (message.name ?? 'Somebody')}</p>
                <p class="words">{message.content}</p>
                <Show when={pending().has(message.id)}>
                  <p class="fate">Not sent yet</p>
                </Show>
              </li>
            )}
          </For>
        </ol>
        <Refused />
      </div>
      <form class="composer" onSubmit={send}>
        <label class="visually-hidden" for="content">
          Message
        </label>
        <input
          id="content"
          data-testid="composer"
          placeholder={`Write to ${room}`}
          autocomplete="off"
          value={draft()}
          onInput={(event) => setDraft(event.currentTarget.value)}
        />
        <button type="submit" data-testid="send">
          Send
        </button>
      </form>
    </main>
  )
}
