import type { Decision, Delta, Position, Rows, Server, User, Verdict, Write } from './state.ts'

export const head = ({ journal }: Server): Position => journal.findLast((d) => d.is === 'executed')?.at ?? 0

/** A restore makes the positions after it invalid; the era tells them from those that come instead. */
export const isValid = ({ journal }: Server, at: Position): boolean =>
  at === 0 || journal.some((d) => d.is === 'executed' && d.at === at)

/** What the server says of a client id: everything before the last sweep is forgotten. */
export const verdict = ({ journal }: Server, cid: number): Verdict => {
  let last = 0
  let is: Verdict['is'] = 'unknown'
  for (const d of journal) {
    if (d.is === 'swept') {
      is = 'unknown'
      last = 0
    } else if (d.cid !== cid || d.is === 'seen') continue
    else if (d.is === 'retired') is = 'retired'
    else {
      if (is === 'unknown') is = 'known'
      last = Math.max(last, d.n)
    }
  }
  return { cid, is, last }
}

/** The outcome on record. One that is no longer kept counts as executed, as does whatever says no more than that. */
export const outcome = ({ journal }: Server, cid: number, n: number): 'executed' | 'rejected' | 'skipped' => {
  let as: 'executed' | 'rejected' | 'skipped' = 'executed'
  for (const d of journal) {
    if (d.is === 'seen' || d.is === 'retired' || d.is === 'swept') {
      if (d.is === 'swept' || (d.cid === cid && (d.is === 'retired' || n <= d.n))) as = 'executed'
    } else if (d.cid === cid && d.n === n) as = d.is
  }
  return as
}

/** Rows are inserted and updated, so a row is its last write. */
const keyOf = (writes: readonly Write[], write: number): 0 | 1 => writes[write - 1]?.key ?? 0
export const rowsAt = (server: Server, writes: readonly Write[], at: Position): Rows => {
  const rows: [number, number] = [0, 0]
  for (const d of server.journal)
    if (d.is === 'executed' && d.at <= at) rows[keyOf(writes, d.write)] = d.write
  return rows
}
/** Full rows for what changed after `from`, -1 for what did not. */
export const since = (server: Server, writes: readonly Write[], from: Position): Delta => {
  const rows: [number, number] = [-1, -1]
  for (const d of server.journal)
    if (d.is === 'executed' && d.at > from) rows[keyOf(writes, d.write)] = d.write
  return rows
}

export const decide = (server: Server, d: Omit<Decision, 'at'>): Server => {
  const at = d.is === 'executed' ? server.era * 100 + seq(server) + 1 : 0
  return { ...server, journal: [...server.journal, { ...d, at }] }
}
const seq = ({ journal }: Server): number => journal.filter((d) => d.is === 'executed').length

/** What an earlier moment left; what comes next is of another era. */
export const restored = (server: Server, to: number): Server => ({
  ...server,
  journal: server.journal.slice(0, to),
  era: server.era + 1,
})

export const remote = (write: number, by: User): Omit<Decision, 'at'> => ({
  is: 'executed',
  cid: 0,
  n: 0,
  write,
  by,
})
