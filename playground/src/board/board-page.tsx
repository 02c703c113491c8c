import { SyncProvider } from '@durable-sync/react'
import { useLiveQuery } from '@tanstack/react-db'
import { useState } from 'react'
import { TASK_COUNT } from '../../worker/board/task-count.ts'
import { Counters } from '../counters/counters.tsx'
import { PageHeader } from '../frame/page-header.tsx'
import { useUnsentWarning } from '../frame/unsent-warning.ts'
import { useNotice } from '../frame/use-notice.ts'
import { Panel } from '../panel/panel.tsx'
import { client, type Filter, refusals, tasks, transport } from './board.ts'
import { FirehoseButton } from './firehose-button.tsx'
import { StatusFilter } from './status-filter.tsx'
import { TaskList } from './task-list.tsx'
import { wordsOf } from './words-of.ts'
import './board.css'

export function Page() {
  return (
    <SyncProvider client={client}>
      <Board />
    </SyncProvider>
  )
}

const EVERY_FILTER = Object.values(tasks)
const refuseNext = () => client.call.refuseNextWrite()

function Board() {
  const [filter, setFilter] = useState<Filter>('all')
  const [notice, tell] = useNotice()
  const { data: refusal } = useLiveQuery({
    queryKey: ['refusal'],
    query: (q) => q.from({ refusal: refusals }),
  })
  useUnsentWarning()
  return (
    <div className="page">
      <PageHeader
        unit="change"
        aside={
          <Counters
            collections={EVERY_FILTER}
            transport={transport}
            rows="Tasks"
            of={filter === 'all' ? TASK_COUNT : undefined}
          />
        }
        panel={
          <Panel
            unit="change"
            transport={transport}
            refuses={refusal.length > 0}
            refuseNext={refuseNext}
            wordsOf={wordsOf}
          />
        }
        note="The board has 5,000 tasks. This window holds those that it shows, and a few more."
      />
      <main className="room">
        <div className="toolbar">
          <StatusFilter filter={filter} setFilter={setFilter} />
          <p className="notice" role="status">
            {notice}
          </p>
          <FirehoseButton tell={tell} />
        </div>
        <TaskList key={filter} filter={filter} tell={tell} />
        <footer className="things-to-try">
          Open a second window and vote there. Scroll, then look at the counters. Turn the firehose on.
        </footer>
      </main>
    </div>
  )
}
