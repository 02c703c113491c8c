import { useLiveInfiniteQuery } from '@tanstack/react-db'
import { reasonOf } from '../frame/reason-of.ts'
import { usePendingKeys } from '../frame/use-pending-keys.ts'
import { VirtualList } from '../list/virtual-list.tsx'
import { client, type Filter, type Task, tasks } from './board.ts'
import { TaskRow } from './task-row.tsx'

const PAGE = 50

export interface TaskListProps {
  readonly filter: Filter
  readonly tell: (words: string) => void
}

/** The tasks with the most votes, and further ones as somebody scrolls. What its window asks for is what is synced. */
export function TaskList({ filter, tell }: TaskListProps) {
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage, isReady } = useLiveInfiniteQuery(
    (q) => q.from({ task: tasks[filter] }).orderBy(({ task }) => task.votes, 'desc'),
    { queryKey: ['tasks', filter], pageSize: PAGE },
  )
  const pending = usePendingKeys('tasks')
  const lead = data.at(0)?.votes ?? 0

  const change = (id: string, columns: { status?: Task['status']; votes?: number }, done?: string) => {
    const write = tasks[filter].update(id, (task) => {
      Object.assign(task, columns, { updated_at: Date.now() })
    })
    if (done) tell(done)
    // It is persisted once this device keeps it; what the board says of it comes later, and not to a page that was closed meanwhile.
    client.whenConfirmed(write).catch((error: unknown) => tell(reasonOf(error)))
  }

  return (
    <VirtualList
      label="Tasks"
      rows={data}
      versionOf={(task) => task.updated_at}
      onNearEnd={() => {
        if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
      }}
      render={(task) => (
        <TaskRow
          task={task}
          pending={task.$hasPendingWrites || pending.has(task.id)}
          lift={() => change(task.id, { votes: lead + 1 }, `“${task.title}” is at the top.`)}
          setStatus={(status) => change(task.id, { status })}
        />
      )}
      end={<p className="end">{isReady && !hasNextPage ? 'That is the whole board.' : 'Loading…'}</p>}
    />
  )
}
