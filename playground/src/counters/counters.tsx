import type { CollectionStats, SyncUtils } from '@durable-sync/core'
import { useCallback } from 'react'
import { readableBytes } from './readable-bytes.ts'
import { useSampled } from './use-sampled.ts'
import type { WatchedTransport } from './watched-transport.ts'
import './counters.css'

export interface CountersProps {
  /** What is counted, added up. It must be the same array every time. */
  readonly collections: readonly { readonly utils: Pick<SyncUtils, 'stats'> }[]
  readonly transport: WatchedTransport
  /** What the rows are called, and how many of them the object has; undefined while that is not known. */
  readonly rows: string
  readonly of: number | undefined
}

const number = new Intl.NumberFormat()

/** What this window costs: how much of the table is here, and what came over the line. */
export function Counters({ collections, transport, rows, of }: CountersProps) {
  const read = useCallback(
    () => ({ ...statsOf(collections), ...transport.received }),
    [collections, transport],
  )
  const { rows: held, received, subscriptions, bytes, position } = useSampled(read)
  return (
    <dl className="counters" aria-label="Counters">
      <Counter
        name={`${rows} held`}
        id="held"
        value={held}
        more={of === undefined ? '' : `of ${number.format(of)}`}
      />
      <Counter name="Received" id="received" value={received} more="rows" />
      <Counter name="Bytes" id="bytes" value={bytes} words={readableBytes(bytes)} />
      <Counter name="Subscriptions" id="subscriptions" value={subscriptions} />
      <Counter name="Position" id="position" value={Number(position?.split('.')[0] ?? 0)} />
    </dl>
  )
}

function statsOf(collections: CountersProps['collections']) {
  const each = collections.map(({ utils }) => utils.stats())
  const sum = (count: (stats: CollectionStats) => number) => each.reduce((all, one) => all + count(one), 0)
  return {
    rows: sum(({ rows }) => rows),
    received: sum(({ received }) => received),
    subscriptions: sum(({ subscriptions }) => subscriptions),
  }
}

interface CounterProps {
  readonly name: string
  readonly id: string
  readonly value: number
  readonly words?: string
  readonly more?: string
}

function Counter({ name, id, value, words = number.format(value), more = '' }: CounterProps) {
  return (
    <div className={`counter ${id}`}>
      <dt>{name}</dt>
      <dd data-testid={id} data-value={value}>
        {words} {more !== '' && <small>{more}</small>}
      </dd>
    </div>
  )
}
