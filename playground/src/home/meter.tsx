import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react'
import { billedRequests, dollarsAMonth, gigabyteSeconds, usedSince } from './cost.ts'
import { ASLEEP_AFTER_MS, type Metered, type MeterWatch, since, watchMeter } from './meter-watch.ts'
import type { Where } from './where.ts'

const number = new Intl.NumberFormat()
const rounded = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 })
const money = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' })

const MINUTE_MS = 60_000

const NOTHING: Metered = { first: undefined, last: undefined, recent: [], busyAt: 0 }

function useMeter(where: Where): Metered {
  const [watch, setWatch] = useState<MeterWatch>()
  const { page, room } = where
  useEffect(() => {
    const started = watchMeter({ page, room })
    setWatch(started)
    return () => started.stop()
  }, [page, room])
  return useSyncExternalStore(watch?.subscribe ?? noChange, watch?.get ?? (() => NOTHING))
}

const noChange = () => () => {}

/** A clock that stops at `until`. */
function useClock(until: number): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    setNow(Date.now())
    const timer = setInterval(() => {
      setNow(Date.now())
      if (Date.now() > until) clearInterval(timer)
    }, 1000)
    return () => clearInterval(timer)
  }, [until])
  return now
}

/** What the object of the four panes uses, and what that would cost. */
export function Meter(where: Where) {
  const { first, last, recent, busyAt } = useMeter(where)
  // A minute after it was busy, the last minute has cost nothing.
  const now = useClock(busyAt + MINUTE_MS)
  const left = Math.max(0, Math.ceil((busyAt + ASLEEP_AFTER_MS - now) / 1000))
  const used = first && last && usedSince(first.reading, last.reading)
  const [minuteAgo] = since(recent, now - MINUTE_MS)
  const lately = minuteAgo && last && usedSince(minuteAgo.reading, last.reading)
  return (
    <section className="card" aria-labelledby="meter">
      <h2 id="meter">The object behind the {where.page}</h2>
      <p className="sleep" data-testid="asleep" data-state={left > 0 ? 'awake' : 'asleep'}>
        {left > 0 ? `Awake. It sleeps in ${left} s if nothing happens.` : 'Asleep. Its sockets are open.'}
      </p>
      {used && (
        <dl className="meter" data-testid="meter">
          <Fact name="Rows read" value={number.format(used.rowsRead)} />
          <Fact name="Rows written" value={number.format(used.rowsWritten)} />
          <Fact name="Messages in" value={number.format(used.messagesIn)} />
          <Fact name="Requests billed" value={rounded.format(billedRequests(used))}>
            20 messages are one
          </Fact>
          <Fact name="Wakes" value={number.format(used.wakes)} />
          <Fact name="In memory" value={`${rounded.format(used.inMemoryMs / 1000)} s`}>
            {`${rounded.format(gigabyteSeconds(used))} GB-s at 128 MB`}
          </Fact>
          <Fact name="A month like this" value={money.format(lately ? dollarsAMonth(lately) : 0)}>
            as the last minute, at most
          </Fact>
        </dl>
      )}
      <p className="small">
        Counted by the object since this page was opened, without what the counting costs. That it sleeps is
        inferred: it is put away 10 s after its last frame, and is asked only while frames pass, because
        asking wakes it. Cloudflare bills less time than it is in memory: only while it works. Prices are
        those of its paid plan, past what is included.
      </p>
    </section>
  )
}

function Fact({ name, value, children }: { name: string; value: string; children?: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        {children && <small>{children}</small>}
      </dd>
    </div>
  )
}
