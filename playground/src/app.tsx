import { useCallback, useRef, useState } from 'react'
import { Composer } from './composer.tsx'
import { Conversation } from './conversation.tsx'
import { RoomHeader } from './room-header.tsx'
import { type RefusedMessage, useSending } from './sending.ts'
import { ThingsToTry } from './things-to-try.tsx'
import { useUnsentWarning } from './unsent-warning.ts'

export function App() {
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
      <RoomHeader />
      <main className="room">
        <Conversation refused={refused} writeAgain={writeAgain} dismiss={dismiss} />
        <Composer draft={draft} setDraft={setDraft} send={send} input={composer} />
        <ThingsToTry />
      </main>
    </div>
  )
}
