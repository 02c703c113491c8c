import { SyncProvider } from '@durable-sync/react'
import { useCallback, useRef, useState } from 'react'
import { PageHeader } from '../frame/page-header.tsx'
import { useUnsentWarning } from '../frame/unsent-warning.ts'
import { ClearRoom } from './clear-room.tsx'
import { Composer } from './composer.tsx'
import { Conversation } from './conversation.tsx'
import { MyName } from './my-name.tsx'
import { client, introduceMe } from './room.ts'
import { type RefusedMessage, useSending } from './sending.ts'
import { ThingsToTry } from './things-to-try.tsx'
import './conversation.css'

void introduceMe()

export function Page() {
  return (
    <SyncProvider client={client}>
      <Chat />
    </SyncProvider>
  )
}

function Chat() {
  const { send, refused, dismiss } = useSending()
  const composer = useRef<HTMLTextAreaElement>(null)
  const [draft, setDraft] = useState('')
  useUnsentWarning()
  const writeAgain = useCallback(
    ({ id, content }: RefusedMessage) => {
      dismiss(id)
      setDraft(content)
      composer.current?.focus()
    },
    [dismiss],
  )
  return (
    <div className="page">
      <PageHeader
        unit="message"
        aside={<MyName />}
        actions={<ClearRoom />}
        note="The server believes whatever name a browser gives. A real app checks who somebody is in its Worker."
      />
      <main className="room">
        <Conversation refused={refused} writeAgain={writeAgain} dismiss={dismiss} />
        <Composer draft={draft} setDraft={setDraft} send={send} input={composer} />
        <ThingsToTry />
      </main>
    </div>
  )
}
