import { useLiveQuery } from '@tanstack/react-db'
import { memo, useState } from 'react'
import { me } from '../frame/here.ts'
import { usePendingKeys } from '../frame/use-pending-keys.ts'
import { EmptyRoom } from './empty-room.tsx'
import { MessageGroupView } from './message-group-view.tsx'
import { groupMessages } from './message-groups.ts'
import { RefusedView, type RefusedViewProps } from './refused-view.tsx'
import { messages, people } from './room.ts'
import type { RefusedMessage } from './sending.ts'
import { useStickToEnd } from './stick-to-end.ts'

/** How many messages are drawn at first, and added by each look further back. */
const PAGE = 200

export interface ConversationProps {
  readonly refused: readonly RefusedMessage[]
  readonly choices: Omit<RefusedViewProps, 'message'>
}

/** Everything that was said, the newest at the end. */
export const Conversation = memo(function Conversation({ refused, choices }: ConversationProps) {
  const [limit, setLimit] = useState(PAGE)
  // Without a key every render builds the query again to see whether it is another one.
  const { data, isReady } = useLiveQuery({
    queryKey: ['messages'],
    query: (q) =>
      q
        .from({ message: messages })
        .orderBy(({ message }) => message.created_at)
        .orderBy(({ message }) => message.id),
  })
  const { data: everybody } = useLiveQuery({
    queryKey: ['people'],
    query: (q) => q.from({ person: people }),
  })
  const pending = usePendingKeys('messages')
  const names = new Map(everybody.map((person) => [person.id, person.name]))
  const last = data.at(-1)
  const { list, behind, goToEnd } = useStickToEnd(last?.id, last?.author === me.id, refused.length)

  return (
    <div className="conversation">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keys can only scroll what has the focus */}
      <div ref={list} className="log" role="log" aria-label="Messages" tabIndex={0}>
        {data.length === 0 && refused.length === 0 && <EmptyRoom loaded={isReady} />}
        {data.length > limit && (
          <button type="button" className="link earlier" onClick={() => setLimit(limit + PAGE)}>
            Show earlier messages
          </button>
        )}
        {groupMessages(data, limit).map((group) => (
          <MessageGroupView
            key={group.id}
            group={group}
            name={names.get(group.author)}
            mine={group.author === me.id}
            pending={pending}
          />
        ))}
        {refused.map((message) => (
          <RefusedView key={message.id} message={message} {...choices} />
        ))}
      </div>
      {behind && (
        <button type="button" className="to-end" onClick={goToEnd}>
          New messages
        </button>
      )}
    </div>
  )
})
