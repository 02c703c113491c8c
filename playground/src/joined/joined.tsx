import { useConnectionStatus, useSyncedCollection } from '@durable-sync/react'
import { eq, useLiveQuery } from '@tanstack/react-db'
import { connectionWords } from '../frame/connection-words.ts'
import { sync } from '../lab/chat-sync.ts'
import { pane } from '../lab/pane.ts'
import { myDesk } from './desk-sync.ts'

const room = sync.room(pane.room)

/** Messages of a room, and what I noted about them: rows of two objects, in one query. */
export function Joined() {
  const messages = useSyncedCollection({ table: 'messages' }, room)
  const people = useSyncedCollection({ table: 'people' }, room)
  const bookmarks = useSyncedCollection({ table: 'bookmarks' }, myDesk)

  const { data: latest } = useLiveQuery({
    query: (q) =>
      q
        .from({ message: messages })
        .leftJoin({ person: people }, ({ message, person }) => eq(message.author, person.id))
        .leftJoin({ bookmark: bookmarks }, ({ message, bookmark }) => eq(message.id, bookmark.id))
        .orderBy(({ message }) => message.created_at, 'desc')
        .limit(50)
        .select(({ message, person, bookmark }) => ({
          ...message,
          name: person?.name,
          starred: bookmark?.id,
        })),
  })
  const { data: starred } = useLiveQuery({
    query: (q) =>
      q
        .from({ bookmark: bookmarks })
        .innerJoin({ message: messages }, ({ bookmark, message }) => eq(bookmark.id, message.id))
        .orderBy(({ message }) => message.created_at, 'desc')
        .select(({ bookmark, message }) => ({ ...bookmark, content: message.content })),
  })

  const star = (id: string, isStarred: boolean) => {
    if (isStarred) bookmarks.delete(id)
    else bookmarks.insert({ id, room: pane.room, note: '' })
  }
  const annotate = (id: string, note: string) => {
    if (bookmarks.get(id)?.note === note) return
    bookmarks.update(id, (bookmark) => {
      bookmark.note = note
    })
  }

  return (
    <main className="joined">
      <section aria-labelledby="room">
        <h1 id="room">{pane.room}</h1>
        <ObjectLine what="The room, one object" client={room} />
        <ul className="latest">
          {latest.map(({ id, name, content, starred }) => (
            <li key={id} data-testid="message">
              <button
                type="button"
                className="star"
                aria-pressed={starred !== undefined}
                aria-label={`Star: ${content}`}
                onClick={() => star(id, starred !== undefined)}
              >
                {starred === undefined ? '☆' : '★'}
              </button>
              <p>
                <b>{name ?? 'Somebody'}</b> {content}
              </p>
            </li>
          ))}
        </ul>
        {latest.length === 0 && (
          <p className="nothing">
            Nothing was said here. <a href={`/?${new URLSearchParams({ room: pane.room })}`}>The lab</a> has
            somebody who talks.
          </p>
        )}
      </section>
      <section aria-labelledby="desk">
        <h2 id="desk">Starred</h2>
        <ObjectLine what={`The desk of ${pane.user.name}, another object`} client={myDesk} />
        <ul className="starred">
          {starred.map(({ id, content, note }) => (
            <li key={id} data-testid="starred">
              <p>{content}</p>
              <input
                aria-label={`Note on: ${content}`}
                placeholder="A note, for you alone"
                maxLength={200}
                defaultValue={note}
                onBlur={({ currentTarget }) => annotate(id, currentTarget.value)}
                onKeyDown={({ key, currentTarget }) => key === 'Enter' && currentTarget.blur()}
              />
            </li>
          ))}
        </ul>
        {starred.length === 0 && <p className="nothing">Star a message to keep it here, with a note.</p>}
      </section>
    </main>
  )
}

interface ObjectLineProps {
  readonly what: string
  readonly client: Parameters<typeof useConnectionStatus>[0]
}

function ObjectLine({ what, client }: ObjectLineProps) {
  const status = useConnectionStatus(client)
  return (
    <p className="object-line" role="status" data-state={status.state}>
      {what}: {connectionWords(status, 0, '')}
    </p>
  )
}
