/** @jsxImportSource solid-js */
import {
  SyncProvider,
  useConnectionStatus,
  useFailedWrites,
  usePendingWrites,
  useSyncClient,
  useSyncedCollection,
  useSyncState,
  withIndexes,
} from '@durable-sync/solid'
import { createCollection, useLiveQuery } from '@tanstack/solid-db'
import { createSignal, ErrorBoundary, For, Show } from 'solid-js'
import { hydrate, render } from 'solid-js/web'
import type { TodoApi } from '../../../core/src/client/testing/todo-room.ts'
import { type Driver, type PageProps, type PaneProps, paneKeys } from '../driver.ts'

export function Pane(props: PaneProps) {
  const room = () => props.paneRoom
  const client = useSyncClient<TodoApi>(room)
  const collection = useSyncedCollection<TodoApi, 'todos'>(
    () => ({ table: 'todos', ...(props.where && { where: props.where }) }),
    room,
  )
  const todos = useLiveQuery((q) => q.from({ todo: collection() }).orderBy(({ todo }) => todo.title))
  const status = useConnectionStatus(room)
  const pending = usePendingWrites(room)
  const failed = useFailedWrites(room)
  const state = useSyncState(collection)
  props.probe(() => ({ client: client(), collection: collection() }))
  return (
    <section data-room={props.room}>
      <b>{status().state}</b>
      <i>{pending().count}</i>
      <u>
        {failed()
          .items.map(({ message }) => message)
          .join()}
      </u>
      <s>{state().phase}</s>
      <ul>
        <ErrorBoundary fallback="">
          <For each={todos()}>{(todo) => <li>{todo.title}</li>}</For>
        </ErrorBoundary>
      </ul>
    </section>
  )
}

function Holder() {
  useSyncedCollection<TodoApi, 'todos'>(() => ({ table: 'todos' }))
  const status = useConnectionStatus()
  return <em>{status().state}</em>
}

export const Page = (props: PageProps) => (
  <SyncProvider sync={props.sync} room={props.inputs.room}>
    <Show when={props.inputs.holder}>
      <Holder />
    </Show>
    <For each={paneKeys(props.inputs)}>{() => <Pane {...props.inputs} probe={props.probe} />}</For>
  </SyncProvider>
)

export const driver: Driver = {
  createCollection,
  withIndexes,
  mount: (into, { inputs, sync, probe }) => {
    const [shown, change] = createSignal(inputs)
    const unmount = render(() => <Page inputs={shown()} sync={sync} probe={probe} />, into)
    return { change, unmount }
  },
  hydrate: (into, page, written) => {
    // What the script of `generateHydrationScript` leaves behind, and the rows under the key of the live query.
    const resources = written.length > 0 ? { '000100': written } : {}
    Object.assign(globalThis, { _$HY: { events: [], completed: new WeakSet(), r: resources, fe: () => {} } })
    return hydrate(() => <Page {...page} />, into)
  },
  settle: async (task) => void (await task()),
  alone: () => render(() => <Pane room="" panes={1} probe={() => {}} />, document.createElement('div')),
}
