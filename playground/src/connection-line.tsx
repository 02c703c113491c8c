import { useConnectionStatus, usePendingWrites } from '@durable-sync/react'
import { connectionWords } from './connection-words.ts'

/** Is the room live, and has it everything that was written here? */
export function ConnectionLine() {
  const status = useConnectionStatus()
  const { count } = usePendingWrites()
  return (
    <div className="connection">
      <p className="status" role="status" data-testid="status" data-state={status.state}>
        {connectionWords(status, count)}
      </p>
      <p className="pending" data-testid="pending" data-count={count}>
        {count} unsent
      </p>
    </div>
  )
}
