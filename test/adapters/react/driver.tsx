import {
  SyncProvider,
  useConnectionStatus,
  useFailedWrites,
  usePendingWrites,
  useSyncClient,
  useSyncedCollection,
  useSyncState,
  withIndexes,
} from '@durable-sync/react'
import { createCollection, useLiveQuery } from '@tanstack/react-db'
import { act, StrictMode } from 'react'
import { createRoot, hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import type { TodoApi } from '../../../core/src/client/testing/todo-room.ts'
import { type Driver, type Inputs, type PageProps, type PaneProps, paneKeys } from '../driver.ts'

export function Pane({ room, where, paneRoom, probe }: PaneProps) {
  const client = useSyncClient<TodoApi>(paneRoom)
  const collection = useSyncedCollection<TodoApi, 'todos'>(
    { table: 'todos', ...(where && { where }) },
    paneRoom,
  )
  const { data } = useLiveQuery({
    query: (q) => q.from({ todo: collection }).orderBy(({ todo }) => todo.title),
  })
  const status = useConnectionStatus(paneRoom)
  const pending = usePendingWrites(paneRoom)
  const failed = useFailedWrites(paneRoom)
  const state = useSyncState(collection)
  probe(() => ({ client, collection }))
  return (
    <section data-room={room}>
      <b>{status.state}</b>
      <i>{pending.count}</i>
      <u>{failed.items.map(({ message }) => message).join()}</u>
      <s>{state.phase}</s>
      <ul>
        {data.map(({ id, title }) => (
          <li key={id}>{title}</li>
        ))}
      </ul>
    </section>
  )
}

function Holder() {
  useSyncedCollection<TodoApi, 'todos'>({ table: 'todos' })
  return <em>{useConnectionStatus().state}</em>
}

export const Page = ({ sync, inputs, probe }: PageProps) => (
  <StrictMode>
    <SyncProvider sync={sync} room={inputs.room}>
      {inputs.holder && <Holder />}
      {paneKeys(inputs).map((key) => (
        <Pane key={key} {...inputs} probe={probe} />
      ))}
    </SyncProvider>
  </StrictMode>
)

export const driver: Driver = {
  createCollection,
  withIndexes,
  mount: (into, { inputs, ...rest }) => {
    const root = createRoot(into)
    const change = (next: Inputs) => root.render(<Page inputs={next} {...rest} />)
    change(inputs)
    return { change, unmount: () => root.unmount() }
  },
  hydrate: (into, page) => {
    const onRecoverableError = (error: unknown) => console.error(error)
    const root = hydrateRoot(into, <Page {...page} />, { onRecoverableError })
    return () => root.unmount()
  },
  settle: (task) => act(async () => void (await task())),
  alone: () => renderToString(<Pane room="" panes={1} probe={() => {}} />),
}
