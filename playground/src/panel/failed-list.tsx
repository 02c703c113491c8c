import type { FailedOp, FailedWrite } from '@durable-sync/core'
import { useSyncClient } from '@durable-sync/react'

export interface FailedListProps {
  readonly items: readonly FailedWrite[]
  readonly wordsOf: (op: FailedOp) => string
}

/** What was refused, and why. It stays, also over reloads, until somebody decides. */
export function FailedList({ items, wordsOf }: FailedListProps) {
  const client = useSyncClient()
  if (items.length === 0) return null
  return (
    <section className="failed" aria-label="Refused">
      <h2>Refused</h2>
      <ul>
        {items.map((write) => (
          <li key={write.id} data-testid="failed-write">
            <p className="what">{whatOf(write, wordsOf)}</p>
            <p className="why">{write.message}</p>
            <p className="choices">
              {write.kind !== 'unreadable' && (
                <button
                  type="button"
                  className="link"
                  // When it is refused again it is there again.
                  onClick={() => void client.retryFailed(write.id).catch(() => {})}
                >
                  Try again
                </button>
              )}
              <button
                type="button"
                className="link"
                onClick={() => void client.discardFailed(write.id).catch(() => {})}
              >
                Discard
              </button>
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}

function whatOf({ kind, ops, command }: FailedWrite, wordsOf: (op: FailedOp) => string): string {
  if (kind === 'unreadable') return 'Something that cannot be read any more'
  return command ? command.name : ops.map(wordsOf).join(', ')
}
