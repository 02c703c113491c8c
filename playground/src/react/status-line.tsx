import { useConnectionStatus, usePendingWrites } from '@durable-sync/react'
import { connectionWords } from '../frame/connection-words.ts'

export interface StatusLineProps {
  /** What is written on this page, in the singular. */
  readonly unit: string
}

/** Is the object there, and has it everything that was written here? */
export function StatusLine({ unit }: StatusLineProps) {
  const status = useConnectionStatus()
  const { count } = usePendingWrites()
  return (
    <div className="line">
      <p className="status" role="status" data-testid="status" data-state={status.state}>
        {connectionWords(status, count, unit)}
      </p>
      <p className="pending" data-testid="pending" data-count={count}>
        {count} unsent
      </p>
    </div>
  )
}
