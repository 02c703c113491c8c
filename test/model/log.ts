import type { Rules } from './rules.ts'
import type { Scenario } from './scenarios.ts'
import {
  type Cell,
  type Cells,
  type Change,
  type Index,
  type Key,
  type Position,
  type Rows,
  type State,
  type Tables,
  zero,
} from './state.ts'

/** One step under way: the copy of the state that it changes, and the first property it was seen to break. */
export interface Turn {
  readonly s: State
  readonly rules: Readonly<Rules>
  readonly scenario: Scenario
  broken: string | null
}

/** Above it are the ids of the client's own mutation, by the instance that executed it. */
export const ownIds = 90
export const isOwn = (change: Change): boolean => change.id > ownIds

export const changeAt = (s: State, seq: number): Change => {
  const change = s.history[seq - 1]
  if (!change) throw new Error(`no seq ${seq}`)
  return change
}
export const positionAt = (s: State, seq: number): Position =>
  seq === 0 ? zero : { seq, nonce: changeAt(s, seq).nonce, ghost: changeAt(s, seq).id }
export const head = (s: State): Position => positionAt(s, s.history.length)

/** Whether p lies in the true history. Only the properties may ask. */
export const inHistory = (s: State, p: Position): boolean =>
  p.seq === 0 || s.history[p.seq - 1]?.id === p.ghost

/** What a subscription shows of a row: A all, B those whose flag is on. */
export const shows = (of: Index, change: Change | undefined): Cell =>
  change && (change.value === 'on' || (change.value === 'off' && of === 0)) ? change.id : null
export const newest = (history: readonly Change[], of: Index, key: Key): Change | undefined =>
  history.findLast((c) => c.table === of && c.key === key)

export const append = (s: State, change: Omit<Change, 'nonce'>): void => {
  s.history = [...s.history, { ...change, nonce: s.instance }]
  s.log = [...s.log, s.history.length]
}

/** Valid as the protocol sees it. The lookup of the era is the nonce of the write at that seq. */
export const valid = ({ s, rules }: Turn, p: Position): boolean => {
  const oldest = s.log[0]
  const floor = { prunedThrough: s.prunedThrough, 'oldest row': oldest ? oldest - 1 : 0, none: 0 }[
    rules.floor
  ]
  if (p.seq > s.history.length || p.seq < floor) return false
  if (p.seq === 0 || rules.validate === 'seq') return true
  if (rules.validate === 'era') return changeAt(s, p.seq).nonce === p.nonce
  return s.log.includes(p.seq) ? changeAt(s, p.seq).id === p.ghost : rules.validate === 'row or missing'
}
/** As `valid`, for a position that a client is told is bad: then it must have been. */
export const accepts = (t: Turn, p: Position): boolean => {
  const ok = valid(t, p)
  if (!ok && inHistory(t.s, p) && p.seq >= t.s.prunedThrough)
    t.broken ??= `R: ${p.seq} is refused, though it is in this history and the floor is ${t.s.prunedThrough}`
  return ok
}

/** The log rows above `after` that a socket with these joined subscriptions has to see. */
export const dirty = (s: State, after: number, joined: (of: Index) => boolean): number[] =>
  s.log.filter((seq) => seq > after && joined(changeAt(s, seq).table))
/** The rows behind those log rows as they are now. */
export const currentRows = ({ s, rules }: Turn, seqs: readonly number[], of: Index): Rows => {
  const row = (key: Key): Cell | undefined => {
    if (!seqs.some((seq) => changeAt(s, seq).table === of && changeAt(s, seq).key === key)) return undefined
    const now = newest(s.history, of, key)
    const cell = shows(of, now)
    return cell === null && now?.value !== 'gone' && !rules.moveOut ? undefined : cell
  }
  return [row(0), row(1), row(2)]
}
export const currentTables = (t: Turn, seqs: readonly number[]): Tables => [
  currentRows(t, seqs, 0),
  currentRows(t, seqs, 1),
]
/** A page of a snapshot: the rows of these keys that match. */
export const page = (s: State, of: Index, read: readonly Key[]): Rows => {
  const row = (key: Key) =>
    read.includes(key) ? (shows(of, newest(s.history, of, key)) ?? undefined) : undefined
  return [row(0), row(1), row(2)]
}

export const nothing: Rows = [undefined, undefined, undefined]
export const noRows: Tables = [nothing, nothing]
const either = <T>(upper: Cell | undefined, lower: T): Cell | T => (upper === undefined ? lower : upper)
/** What a frame says, laid over a set. */
export const put = (cells: Cells, rows: Rows): Cells => [
  either(rows[0], cells[0]),
  either(rows[1], cells[1]),
  either(rows[2], cells[2]),
]
/** What a frame says, laid over what one before it says. */
export const over = (under: Rows, rows: Rows): Rows => [
  either(rows[0], under[0]),
  either(rows[1], under[1]),
  either(rows[2], under[2]),
]
