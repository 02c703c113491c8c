import type { FailedOp } from '@durable-sync/core'
import { usePendingWrites, useSyncClient } from '@durable-sync/react'
import { useState } from 'react'
import type { WatchedTransport } from '../counters/watched-transport.ts'
import { useReadable } from '../frame/use-readable.ts'
import { Controls } from './controls.tsx'
import { Facts } from './facts.tsx'
import { FailedList } from './failed-list.tsx'
import './panel.css'

export interface PanelProps {
  /** What is written on this page, in the singular. */
  readonly unit: string
  readonly transport: WatchedTransport
  /** Whether the next write will be refused, as far as this page knows. */
  readonly refuses: boolean
  readonly refuseNext: () => Promise<unknown>
  /** A change as its author thinks of it. */
  readonly wordsOf: (op: FailedOp) => string
}

/** What the client of this page does, and ways to make its life hard. */
export function Panel({ unit, transport, refuses, refuseNext, wordsOf }: PanelProps) {
  const [open, setOpen] = useState(false)
  const client = useSyncClient()
  const role = useReadable(client.tab)
  const failed = useReadable(client.failedWrites)
  const { count } = usePendingWrites()
  return (
    <details
      className="panel"
      data-testid="panel"
      open={open}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>
        Under the hood{' '}
        <small className="panel-state">
          {role}
          {count > 0 && `, ${count} unsent`}
          {failed.count > 0 && <strong>, {failed.count} refused</strong>}
        </small>
      </summary>
      {/* Nobody samples numbers that nobody sees. */}
      {open && (
        <div className="inside">
          <Facts transport={transport} />
          <Controls unit={unit} refuses={refuses} refuseNext={refuseNext} />
          <FailedList items={failed.items} wordsOf={wordsOf} />
        </div>
      )}
    </details>
  )
}
