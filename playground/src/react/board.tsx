import { usePendingWrites, useReadable, useSyncClient, useSyncedCollection } from '@durable-sync/react'
import { useLiveInfiniteQuery } from '@tanstack/react-db'
import { useEffect, useRef, useState } from 'react'
import { type BoardApi, STATUSES, type Status } from '../../worker/board/registry.ts'
import { TASK_COUNT } from '../../worker/board/task-count.ts'
import { pane } from '../lab/pane.ts'
import { heldRows } from '../pages/held-rows.ts'
import { keepFocus } from '../pages/keep-focus.ts'
import { pendingKeys } from '../pages/pending-keys.ts'
import { FILTERS, type Filter, PAGE_SIZE, tasksOf } from '../pages/task-window.ts'
import { Refused } from './refused.tsx'
import { StatusLine } from './status-line.tsx'
import '../pages/board.css'

export function Board() {
  const [filter, setFilter] = useState<Filter>('all')
  const client = useSyncClient<BoardApi>()
  const tasks = useSyncedCollection(tasksOf(filter), client)
  // What its window asks for is what is synced.
  const { data, hasNextPage, fetchNextPage, isReady } = useLiveInfiniteQuery(
    (q) => q.from({ task: tasks }).orderBy(({ task }) => task.votes, 'desc'),
    { pageSize: PAGE_SIZE },
  )
  const held = useReadable(heldRows(tasks), 0)
  const pending = pendingKeys(usePendingWrites(), 'tasks')

  const list = useRef<HTMLElement>(null)
  useEffect(() => (list.current ? keepFocus(list.current) : undefined), [])

  const change = (id: string, columns: { votes: number } | { status: Status }) =>
    tasks.update(id, (task) => {
      Object.assign(task, columns, { updated_at: Date.now() })
    })

  return (
    <main className="pane board">
      <header className="head">
        <h1>{pane.room}</h1>
        <p className="who">You are {pane.user.name}</p>
        <StatusLine unit="change" />
      </header>
      <div className="tools">
        <fieldset className="filter">
          <legend className="visually-hidden">Show</legend>
          {FILTERS.map((one) => (
            <label key={one}>
              <input
                type="radio"
                name="filter"
                className="visually-hidden"
                checked={one === filter}
                onChange={() => setFilter(one)}
              />
              {one}
            </label>
          ))}
        </fieldset>
        <p className="held" data-testid="held" data-count={held}>
          {held} of {TASK_COUNT} tasks are here
        </p>
      </div>
      <Refused />
      <section ref={list} className="scroll" aria-label="Tasks" tabIndex={-1}>
        <ol>
          {data.map(({ id, title, status, votes }) => (
            <li
              key={id}
              className="task"
              data-testid="task"
              data-id={id}
              data-status={status}
              data-state={pending.has(id) ? 'pending' : 'confirmed'}
            >
              <button type="button" className="vote" onClick={() => change(id, { votes: votes + 1 })}>
                <span className="visually-hidden">Vote for “{title}”, </span>
                <span data-testid="votes">{votes}</span>
                <span className="visually-hidden"> votes</span>
              </button>
              <p className="title">{title}</p>
              <label className="status-of">
                <span className="visually-hidden">Status of “{title}”</span>
                <select
                  value={status}
                  onChange={(event) => change(id, { status: event.currentTarget.value as Status })}
                >
                  {STATUSES.map((one) => (
                    <option key={one}>{one}</option>
                  ))}
                </select>
              </label>
            </li>
          ))}
        </ol>
        {hasNextPage ? (
          <button type="button" className="more" data-testid="more" onClick={() => fetchNextPage()}>
            More
          </button>
        ) : (
          <p className="end">{isReady ? 'That is all of them.' : 'Loading…'}</p>
        )}
      </section>
    </main>
  )
}
