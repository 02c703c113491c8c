import {
  provideSyncClient,
  useConnectionStatus,
  useFailedWrites,
  usePendingWrites,
  useSyncClient,
  useSyncedCollection,
  useSyncState,
  withIndexes,
} from '@durable-sync/vue'
import { createCollection, useLiveQuery } from '@tanstack/vue-db'
import { createApp, createSSRApp, defineComponent, h, nextTick, shallowRef } from 'vue'
import type { TodoApi } from '../../../core/src/client/testing/todo-room.ts'
import { type Driver, type Inputs, type PageProps, type PaneProps, paneKeys } from '../driver.ts'

export const Pane = defineComponent(
  (props: PaneProps) => {
    const room = () => props.paneRoom
    const client = useSyncClient<TodoApi>(room)
    const collection = useSyncedCollection<TodoApi, 'todos'>(
      () => ({ table: 'todos', ...(props.where && { where: props.where }) }),
      room,
    )
    const { data } = useLiveQuery((q) => q.from({ todo: collection.value }).orderBy(({ todo }) => todo.title))
    const status = useConnectionStatus(room)
    const pending = usePendingWrites(room)
    const failed = useFailedWrites(room)
    const state = useSyncState(collection)
    props.probe(() => ({ client: client.value, collection: collection.value }))
    return () =>
      h('section', { 'data-room': props.room }, [
        h('b', status.value.state),
        h('i', pending.value.count),
        h('u', failed.value.items.map(({ message }) => message).join()),
        h('s', state.value.phase),
        h(
          'ul',
          data.value.map(({ id, title }) => h('li', { key: id }, title)),
        ),
      ])
  },
  { name: 'TodoPane', props: ['room', 'panes', 'where', 'paneRoom', 'version', 'probe'] },
)

const TodoHolder = defineComponent(
  () => {
    useSyncedCollection<TodoApi, 'todos'>({ table: 'todos' })
    const status = useConnectionStatus()
    return () => h('em', status.value.state)
  },
  { name: 'TodoHolder' },
)

export const Page = defineComponent(
  (props: PageProps) => {
    provideSyncClient(() => ({ sync: props.sync, room: props.inputs.room }))
    return () => [
      ...(props.inputs.holder ? [h(TodoHolder)] : []),
      ...paneKeys(props.inputs).map((key) => h(Pane, { key, ...props.inputs, probe: props.probe })),
    ]
  },
  { name: 'TodoPage', props: ['sync', 'inputs', 'probe'] },
)

export const driver: Driver = {
  createCollection,
  withIndexes,
  mount: (into, { inputs, ...rest }) => {
    const shown = shallowRef(inputs)
    const app = createApp(() => h(Page, { inputs: shown.value, ...rest }))
    app.mount(into)
    const change = (next: Inputs) => {
      shown.value = next
    }
    return { change, unmount: () => app.unmount() }
  },
  hydrate: (into, page) => {
    const app = createSSRApp(() => h(Page, page))
    app.mount(into)
    return () => app.unmount()
  },
  settle: async (task) => {
    await task()
    await nextTick()
  },
  alone: () => {
    const app = createApp(() => h(Pane, { room: '', panes: 1, probe: () => {} }))
    let thrown: unknown
    app.config.errorHandler = (error) => {
      thrown = error
    }
    app.mount(document.createElement('div'))
    throw thrown
  },
}
