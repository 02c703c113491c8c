import { SyncProvider } from '@durable-sync/react'
import { useLiveQuery } from '@tanstack/react-db'
import { useCallback, useMemo, useRef, useState } from 'react'
import { PageHeader } from '../frame/page-header.tsx'
import { useUnsentWarning } from '../frame/unsent-warning.ts'
import { Panel } from '../panel/panel.tsx'
import { ClearRoom } from './clear-room.tsx'
import { Composer } from './composer.tsx'
import { Conversation } from './conversation.tsx'
import { MyName } from './my-name.tsx'
import { client, introduceMe, refusals, transport } from './room.ts'
import { type RefusedMessage, send, useRefusedMessages } from './sending.ts'
import { ThingsToTry } from './things-to-try.tsx'
import { wordsOf } from './words-of.ts'
import './conversation.css'

void introduceMe()

export function Page() {
  return (
    <SyncProvider client={client}>
      <Chat />
    </SyncProvider>
  )
}

const refuseNext = () => client.call.refuseNextWrite()
const discard = ({ id }: RefusedMessage) => void client.discardFailed(id)
// When it is refused again it is there again.
const tryAgain = ({ id }: RefusedMessage) => void client.retryFailed(id).catch(() => {})

function Chat() {
  const refused = useRefusedMessages()
  const { data: refusal } = useLiveQuery({
    queryKey: ['refusal'],
    query: (q) => q.from({ refusal: refusals }),
  })
  const composer = useRef<HTMLTextAreaElement>(null)
  const [draft, setDraft] = useState('')
  useUnsentWarning()
  const edit = useCallback((message: RefusedMessage) => {
    discard(message)
    setDraft(message.content)
    composer.current?.focus()
  }, [])
  const choices = useMemo(() => ({ tryAgain, edit, discard }), [edit])
  return (
    <div className="page">
      <PageHeader
        unit="message"
        aside={<MyName />}
        actions={<ClearRoom />}
        panel={
          <Panel
            unit="message"
            transport={transport}
            refuses={refusal.length > 0}
            refuseNext={refuseNext}
            wordsOf={wordsOf}
          />
        }
        note="The server believes whatever name a browser gives. A real app checks who somebody is in its Worker."
      />
      <main className="room">
        <Conversation refused={refused} choices={choices} />
        <Composer draft={draft} setDraft={setDraft} send={send} input={composer} />
        <ThingsToTry />
      </main>
    </div>
  )
}
