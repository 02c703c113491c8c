import { STATUSES, type Status } from '../../worker/board/registry.ts'
import type { Task } from './board.ts'

export interface TaskRowProps {
  readonly task: Task
  /** Whether a change of it is not confirmed. */
  readonly pending: boolean
  /** Gives it more votes than any other. */
  readonly lift: () => void
  readonly setStatus: (status: Status) => void
}

export function TaskRow({ task, pending, lift, setStatus }: TaskRowProps) {
  const { title, status, votes } = task
  return (
    <div className="task" data-status={status} data-state={pending ? 'pending' : 'confirmed'}>
      <button type="button" className="vote" onClick={lift} title="Vote it to the top">
        <span className="visually-hidden">Vote “{title}” to the top, </span>
        <span className="votes" data-testid="votes">
          {votes}
        </span>
        <span className="visually-hidden"> votes</span>
      </button>
      <p className="title" title={title}>
        {title}
      </p>
      <label className="status-of">
        <span className="visually-hidden">Status of “{title}”</span>
        <select value={status} onChange={(event) => setStatus(event.currentTarget.value as Status)}>
          {STATUSES.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
    </div>
  )
}
