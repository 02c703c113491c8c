import { useConnectionStatus, usePendingWrites } from '@durable-sync/solid'
import { connectionWords } from '../frame/connection-words.ts'

export interface StatusLineProps {
  /** What is written on this page, in the singular. */
  readonly unit: string
}

/** Is the object there, and has it everything that was written here? */
export function StatusLine(props: StatusLineProps) {
  const status = useConnectionStatus()
  const pending = usePendingWrites()
  return (
    <div class="line">
      <p class="status" role="status" data-testid="status" data-state={status().state}>
        {connectionWords(status(), pending().count, props.unit)}
      </p>
      <p class="pending" data-testid="pending" data-count={pending().count}>
        {pending().count} unsent
      </p>
    </div>
  )
}
