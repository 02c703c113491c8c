import { useFailedWrites, useSyncClient } from '@durable-sync/solid'
import { For } from 'solid-js'
import { refusedReason, refusedWords } from '../pages/refused-words.ts'

/** What the object did not take, until somebody decides what becomes of it. It is here after a reload, too. */
export function Refused() {
  const client = useSyncClient()
  const failed = useFailedWrites()
  return (
    <ul class="refusals" aria-label="Refused">
      <For each={failed().items}>
        {(write) => (
          <li class="refusal" data-testid="refused">
            <p class="words">{refusedWords(write)}</p>
            <p class="reason">Not accepted: {refusedReason(write)}</p>
            {/* Refused again, it is listed again. */}
            <button
              type="button"
              onClick={() =>
                client()
                  .retryFailed(write.id)
                  .catch(() => {})
              }
            >
              Try again
            </button>
            <button type="button" onClick={() => client().discardFailed(write.id)}>
              Discard
            </button>
          </li>
        )}
      </For>
    </ul>
  )
}
