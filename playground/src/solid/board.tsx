import { usePendingWrites, useReadable, useSyncClient, useSyncedCollection } from '@durable-sync/solid'
import { createLiveQueryCollection, useLiveQuery } from '@tanstack/solid-db'
import { createEffect, createMemo, createSignal, For, onCleanup, onMount, Show } from 'solid-js'
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
  const [filter, setFilter] = createSignal<Filter>('all')
  const [shown, setShown] = createSignal(PAGE_SIZE)
  const client = useSyncClient<BoardApi>()
  const tasks = useSyncedCollection(() => tasksOf(filter()), client)
  // What its window asks for is what is synced. One more than is shown says whether there are more.
  const window = createMemo(() =>
    createLiveQueryCollection((q) =>
      q
        .from({ task: tasks() })
        .orderBy(({ task }) => task.votes, 'desc')
        .limit(PAGE_SIZE + 1),
    ),
  )
  const rows = useLiveQuery(window)
  createEffect(() => void window().utils.setWindow({ offset: 0, limit: shown() + 1 }))
  const held = useReadable(() => heldRows(tasks()), 0)
  const writes = usePendingWrites()
  const pending = createMemo(() => pendingKeys(writes(), 'tasks'))

  let list!: HTMLElement
  onMount(() => onCleanup(keepFocus(list)))

  const show = (one: Filter) => {
    setShown(PAGE_SIZE)
    setFilter(one)
  }
  const change = (id: string, columns: { votes: number } | { status: Status }) =>
    tasks().update(id, (task) => {
      Object.assign(task, columns, { updated_at: Date.now() })
    })

  return (
    <main class="pane board">
      <header class="head">
        <h1>{pane.room}</h1>
        <p class="who">You are {pane.user.name}</p>
        <StatusLine unit="change" />
      </header>
      <div class="tools">
        <fieldset class="filter">
          <legend class="visually-hidden">Show</legend>
          <For each={FILTERS}>
            {(one) => (
              <label>
                <input
                  type="radio"
                  name="filter"
                  class="visually-hidden"
                  checked={one === filter()}
                  onChange={() => show(one)}
                />
                {one}
              </label>
            )}
          </For>
        </fieldset>
        <p class="held" data-testid="held" data-count={held()}>
          {held()} of {TASK_COUNT} tasks are here
        </p>
      </div>
      <Refused />
      <section ref={list} class="scroll" aria-label="Tasks" tabIndex={-1}>
        <ol>
          <For each={rows().slice(0, shown())}>
            {(task) => (
              <li
                class="task"
                data-testid="task"
                data-id={task.id}
                data-status={task.status}
                data-state={pending().has(task.id) ? 'pending' : 'confirmed'}
              >
                <button type="button" class="vote" onClick={() => change(task.id, { votes: task.votes + 1 })}>
                  <span class="visually-hidden">Vote for “{task.title}”, </span>
                  <span data-testid="votes">{task.votes}</span>
                  <span class="visually-hidden"> votes</span>
                </button>
                <p class="title">{task.title}</p>
                <label class="status-of">
                  <span class="visually-hidden">Status of “{task.title}”</span>
                  <select
                    value={task.status}
                    onChange={(event) => change(task.id, { status: event.currentTarget.value as Status })}
                  >
                    <For each={STATUSES}>{(one) => <option>{one}</option>}</For>
                  </select>
                </label>
              </li>
            )}
          </For>
        </ol>
        <Show
          when={rows().length > shown()}
          fallback={<p class="end">{rows.isReady ? 'That is all of them.' : 'Loading…'}</p>}
        >
          <button type="button" class="more" data-testid="more" onClick={() => setShown(shown() + PAGE_SIZE)}>
            More
          </button>
        </Show>
      </section>
    </main>
  )
}
