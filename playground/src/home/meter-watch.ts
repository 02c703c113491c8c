import type { Readable } from '@durable-sync/core'
import type { MeterReading } from '../../worker/lab/meter-reading.ts'
import { onActivity } from '../lab/activity.ts'
import type { Where } from './where.ts'

/** An object is put away this long after it had something to do. Nobody tells; it is inferred. */
export const ASLEEP_AFTER_MS = 10_000
/** Asking is something to do: so it is asked when frames pass, and this long after the first of several at most. */
const ASK_AFTER_MS = 1_500

/** A reading, and when it came, by the clock of this browser. */
export interface Read {
  readonly at: number
  readonly reading: MeterReading
}

export interface Metered {
  /** The first of this page, and the last. */
  readonly first: Read | undefined
  readonly last: Read | undefined
  /** Those of the last minute, and the one before. */
  readonly recent: readonly Read[]
  /** When the object last had something to do, as far as this browser knows, in milliseconds since 1970. */
  readonly busyAt: number
}

export interface MeterWatch extends Readable<Metered> {
  readonly stop: () => void
}

type Ask = (where: Where) => Promise<MeterReading>

/** Watches what an object uses. `ask` may reject; it is asked again when the next frame passes. */
export function watchMeter(where: Where, ask: Ask = askServer): MeterWatch {
  let metered: Metered = { first: undefined, last: undefined, recent: [], busyAt: Date.now() }
  let due: ReturnType<typeof setTimeout> | undefined
  const listeners = new Set<() => void>()
  const become = (next: Partial<Metered>) => {
    metered = { ...metered, ...next }
    for (const listener of [...listeners]) listener()
  }
  const read = async () => {
    try {
      const last = { reading: await ask(where), at: Date.now() }
      const recent = [...since(metered.recent, last.at - 60_000), last]
      become({ first: metered.first ?? last, last, recent, busyAt: last.at })
    } catch {
      // There is no server, or it was just restarted.
    }
    due = undefined
  }
  const stopListening = onActivity(({ page, room }) => {
    if (page !== where.page || room !== where.room) return
    become({ busyAt: Date.now() })
    due ??= setTimeout(read, ASK_AFTER_MS)
  })
  due = setTimeout(read, 0)
  return {
    get: () => metered,
    subscribe: (onChange) => {
      const listener = () => onChange()
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop: () => {
      stopListening()
      clearTimeout(due)
    },
  }
}

/** The readings from `at` on, and the one before. */
export function since(reads: readonly Read[], at: number): readonly Read[] {
  const later = reads.findIndex((read) => read.at >= at)
  return reads.slice(Math.max(0, (later < 0 ? reads.length : later) - 1))
}

async function askServer({ page, room }: Where): Promise<MeterReading> {
  const answer = await fetch(`/lab/meter?${new URLSearchParams({ page, room })}`)
  if (!answer.ok) throw new Error(`the meter answered ${answer.status}`)
  return answer.json()
}
