import { useConnectionStatus, usePendingWrites, useSyncClient } from '@durable-sync/react'
import { type ReactNode, useCallback } from 'react'
import { readableBytes } from '../counters/readable-bytes.ts'
import { useSampled } from '../counters/use-sampled.ts'
import type { WatchedTransport } from '../counters/watched-transport.ts'
import { useReadable } from '../frame/use-readable.ts'
import { ageWords } from './age-words.ts'
import { storageWords } from './storage-words.ts'
import { tabMeaning } from './tab-words.ts'
import { useStorageUsage } from './use-storage-usage.ts'

export interface FactsProps {
  readonly transport: WatchedTransport
}

const number = new Intl.NumberFormat()

/** What the client says of itself. */
export function Facts({ transport }: FactsProps) {
  const client = useSyncClient()
  const status = useConnectionStatus()
  const role = useReadable(client.tab)
  const { health, persisted } = useReadable(client.storage)
  const failed = useReadable(client.failedWrites)
  const { count, oldestAt } = usePendingWrites()
  const bytes = useStorageUsage()
  const { position, now } = useSampled(
    useCallback(() => ({ position: transport.received.position, now: Date.now() }), [transport]),
  )
  return (
    <dl className="facts">
      <Fact name="Connection" id="connection" value={status.state} />
      <Fact
        name="Position"
        id="at"
        value={role === 'follower' ? 'the leader’s' : position ? number.format(seqOf(position)) : 'none yet'}
      />
      <Fact name="Unsent" id="unsent" value={number.format(count)}>
        {oldestAt !== null && `oldest ${ageWords(now - oldestAt)}`}
      </Fact>
      <Fact name="Refused" id="failed" value={number.format(failed.count)} />
      <Fact name="This tab" id="tab" value={role}>
        {tabMeaning(role)}
      </Fact>
      <Fact name="Storage" id="storage" value={storageWords(health)} state={health.is}>
        {bytes !== undefined && `${readableBytes(bytes)} by this whole site`}
        {persisted === true && ', never cleared by the browser'}
        {persisted === false && ', unless the browser clears it'}
      </Fact>
    </dl>
  )
}

/** A position begins with its place in the log. */
const seqOf = (position: string): number => Number(position.split('.')[0])

interface FactProps {
  readonly name: string
  readonly id: string
  readonly value: string
  readonly state?: string
  /** More words on it. */
  readonly children?: ReactNode
}

function Fact({ name, id, value, state = value, children }: FactProps) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>
        <span data-testid={`fact-${id}`} data-value={state}>
          {value}
        </span>
        {children && <small>{children}</small>}
      </dd>
    </div>
  )
}
