import { type Delta, type LogStep, noRows, type Position, type Rows, type Store } from './state.ts'

export const seqOf = (position: Position): number => position % 100
/** Positions that share it lie on one line. */
export const historyOf = (position: Position): number => Math.floor(position / 100)

/** The rows with what a frame says of them. */
export const put = (rows: Rows, delta: Delta): Rows =>
  delta[0] < 0 && delta[1] < 0 ? rows : [delta[0] < 0 ? rows[0] : delta[0], delta[1] < 0 ? rows[1] : delta[1]]

/** What a load makes of the records. */
export const kept = (store: Store, overlapping = false): { position: Position; rows: Rows } => {
  let { position, rows } = store
  for (const step of furthestLine(store, overlapping)) {
    position = step.to
    rows = put(rows, step.rows)
  }
  return { position, rows }
}

/** One unbroken line of steps, and what overlaps its end in the same history. Tabs that did not know of each other leave several. */
const furthestLine = ({ position, log }: Store, overlapping: boolean): LogStep[] => {
  const line: LogStep[] = []
  for (let at = position; ; ) {
    const steps = longest(at, log)
    line.push(...steps)
    at = steps.at(-1)?.to ?? at
    const next = log.find(
      ({ from, to }) =>
        seqOf(from) <= seqOf(at) && seqOf(at) < seqOf(to) && (overlapping || historyOf(to) === historyOf(at)),
    )
    if (!next) return line
    line.push(next)
    at = next.to
  }
}
/** Which of two equally long lines it takes is chance: the nonces decide. Here it is the older history, which is worse. */
const longest = (base: Position, log: readonly LogStep[]): LogStep[] => {
  const arrivals = new Map<Position, LogStep | null>([[base, null]])
  let best = base
  for (const at of arrivals.keys())
    for (const step of log)
      if (step.from === at && !arrivals.has(step.to) && seqOf(step.to) >= seqOf(at)) {
        arrivals.set(step.to, step)
        const further = seqOf(step.to) - seqOf(best)
        if (further > 0 || (further === 0 && step.to < best)) best = step.to
      }
  const line: LogStep[] = []
  for (let step = arrivals.get(best); step; step = arrivals.get(step.from)) line.push(step)
  return line.reverse()
}

/** By where it leads, then by where it comes from; the same record twice is one. */
export const withStep = (log: readonly LogStep[], step: LogStep): readonly LogStep[] =>
  step.from === step.to
    ? log
    : [...log.filter(({ from, to }) => from !== step.from || to !== step.to), step].sort(
        (a, b) => seqOf(a.to) - seqOf(b.to) || a.to - b.to || a.from - b.from,
      )
export const emptyStore: Store = {
  gen: 0,
  position: 0,
  rows: noRows,
  log: [],
  outbox: [],
  counter: 0,
  contact: 1,
}
