import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react'
import { billedRequests, dollarsAMonth, gigabyteSeconds, usedSince } from './cost.ts'
import { ASLEEP_AFTER_MS, type Metered, type MeterWatch, watchMeter } from './meter-watch.ts'
import type { Where } from './where.ts'

const number = new Intl.NumberFormat()
const rounded = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 })
const money = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' })

const NOTHING: Metered = { first: undefined, last: undefined, busyAt: 0 }

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

/** A clock that stops when there is nothing to count down to. */
function useSecondsUntil(at: number): number {
  const [now, setNow] = useState(Date.now)
  const left = Math.max(0, Math.ceil((at - now) / 1000))
  useEffect(() => {
    setNow(Date.now())
    const timer = setInterval(() => {
      setNow(Date.now())
      if (Date.now() > at) clearInterval(timer)
    }, 1000)
    return () => clearInterval(timer)
  }, [at])
  return left
}

/** What the object of the four panes uses, and what that would cost. */
export function Meter(where: Where) {
  const { first, last, busyAt } = useMeter(where)
  const left = useSecondsUntil(busyAt + ASLEEP_AFTER_MS)
  const used = first && last && usedSince(first, last)
  return (
    <section className="card" aria-labelledby="meter">
      <h2 id="meter">The object</h2>
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
          <Fact name="A month like this" value={money.format(dollarsAMonth(used, last.now - first.now))}>
            at most, past what is included
          </Fact>
        </dl>
      )}
      <p className="small">
        Counted by the object since this page was opened, without what the counting costs. That it sleeps is
        inferred: it is put away 10 s after its last frame, and is asked only while frames pass, because
        asking wakes it. Cloudflare bills less time than it is in memory: only while it works.
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
