import { useFailedWrites, useSyncClient } from '@durable-sync/react'
import { refusedReason, refusedWords } from '../pages/refused-words.ts'

/** What the object did not take, until somebody decides what becomes of it. It is here after a reload, too. */
export function Refused() {
  const client = useSyncClient()
  const { items } = useFailedWrites()
  return (
    <ul className="refusals" aria-label="Refused">
      {items.map((write) => (
        <li key={write.id} className="refusal" data-testid="refused">
          <p className="words">{refusedWords(write)}</p>
          <p className="reason">Not accepted: {refusedReason(write)}</p>
          {/* Refused again, it is listed again. */}
          <button type="button" onClick={() => client.retryFailed(write.id).catch(() => {})}>
            Try again
          </button>
          <button type="button" onClick={() => client.discardFailed(write.id)}>
            Discard
          </button>
        </li>
      ))}
    </ul>
  )
}
