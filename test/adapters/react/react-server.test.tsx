// @vitest-environment node
import { doCollectionOptions, type SyncClient } from '@durable-sync/core'
import {
  collectionOptions,
  DbClient,
  DbProvider,
  type DehydratedDbState,
  type InitialQueryBuilder,
  useLiveQuery,
} from '@tanstack/react-db'
import { renderToString } from 'react-dom/server'
import type { TodoApi } from '../../../core/src/client/testing/todo-room.ts'
import type { PageProps } from '../driver.ts'
import { describeServer } from '../server-suite.ts'
import { Page } from './driver.tsx'

const todos = collectionOptions('todos', (db) =>
  doCollectionOptions({ client: db.requireDependency('sync') as SyncClient<TodoApi>, table: 'todos' }),
)
const all = {
  queryKey: ['all'],
  query: (q: InitialQueryBuilder) => q.from({ todo: todos }).orderBy(({ todo }) => todo.title),
}

const Todos = () => useLiveQuery(all).data.map(({ id, title }) => <li key={id}>{title}</li>)

const dbOf = ({ sync }: PageProps) => new DbClient({ sync: sync.room('red') })

/** As the README has it: one `DbClient` loads the query, another one renders what it has made of it. */
async function renderRows(page: PageProps): Promise<string> {
  const loaded = dbOf(page)
  await loaded.preloadLiveQuery(all)
  const db = dbOf(page)
  db.hydrate(JSON.parse(JSON.stringify(loaded.dehydrate())) as DehydratedDbState)
  return renderToString(
    <DbProvider client={db}>
      <Todos />
    </DbProvider>,
  )
}

describeServer((page) => renderToString(<Page {...page} />), renderRows)
