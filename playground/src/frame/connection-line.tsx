import { useConnectionStatus, usePendingWrites } from '@durable-sync/react'
import { connectionWords } from './connection-words.ts'

export interface ConnectionLineProps {
  /** What is written on this page, in the singular. */
  readonly unit: string
}

/** Is the room live, and has it everything that was written here? */
export function ConnectionLine({ unit }: ConnectionLineProps) {
  const status = useConnectionStatus()
  const { count } = usePendingWrites()
  return (
    <div className="connection">
      <p className="status" role="status" data-testid="status" data-state={status.state}>
        {connectionWords(status, count, unit)}
      </p>
      <p className="pending" data-testid="pending" data-count={count}>
        {count} unsent
      </p>
    </div>
  )
}
