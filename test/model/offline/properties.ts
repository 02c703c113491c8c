import { head, isValid, rowsAt } from './journal.ts'
import type { Model } from './model.ts'
import { keys, type Page, type State, users } from './state.ts'
import { loadedRows, storeOf } from './turn.ts'

/** V, T, U and I are judged in the step that breaks them; the others are properties of a state. */
export const properties = {
  E: 'A write is executed at most once in the history that stands.',
  L: 'In the end every stored write is executed, or its user was told how it ended.',
  O: 'A write is executed after the pending writes that its page showed when it was made, of whichever tab.',
  V: 'A write is shown from the moment it is made until it ended otherwise, across reloads, in every page that showed it or starts; see visible.ts for the one exception.',
  N: 'No rows claim a position and lack a change up to it, or hold what never was from there on.',
  C: 'Quiet means that the rows of every page are those of the server, and no write is pending.',
  G: 'Left alone, every run ends quiet, also while a frozen page stays frozen.',
  T: 'What an app is told of a write is true.',
  U: 'Nobody is told "outcome unknown" unless the server may have forgotten in the meantime.',
  P: 'After a logout no rows of the user are stored.',
  I: 'Rows and writes of a user go to nobody else, and come from nobody else.',
} as const
export type Property = keyof typeof properties

export const violation = (model: Model, s: State, stuck: boolean): string | null =>
  executions(s) ?? claims(s, model.rules) ?? purged(s) ?? (stuck ? (quiet(model, s) ?? lost(s)) : null)

const executions = ({ server, writes }: State): string | null => {
  const seen: number[] = []
  const hasRestored = server.era > 0
  for (const { is, cid, write, by } of server.journal) {
    if (is !== 'executed' || cid === 0) continue
    const known = writes[write - 1]
    if (!known) continue
    if (seen.includes(write)) return `E: write ${write} is executed twice`
    seen.push(write)
    if (known.told === 'rejected' && !hasRestored)
      return `T: write ${write} was rejected, and is executed all the same`
    if (known.user !== by) return `I: write ${write} of user ${known.user} is executed as user ${by}`
    // It had ended in a history that is gone.
    const hasEnded = hasRestored && known.told !== null
    const early = hasEnded ? 0 : seen.find((other) => writes[other - 1]?.after.includes(write))
    if (early) return `O: write ${early} is executed before write ${write}, which it may depend on`
  }
  return null
}

const claims = (s: State, rules: Model['rules']): string | null => {
  for (const tab of [0, 1] as const) {
    const page = s.pages[tab]
    if (page.is === 'open' || page.is === 'frozen') {
      const broken = claim(s, page, `tab ${tab}`)
      if (broken) return broken
    }
  }
  for (const user of users) {
    const broken = claim(s, loadedRows({ rules }, s.stores[user]), `the store of user ${user}`)
    if (broken) return broken
  }
  return null
}
const claim = (
  s: State,
  { position, rows }: Pick<Page, 'position' | 'rows'>,
  where: string,
): string | null => {
  // A claim about another history is judged when the server accepts it.
  if (!isValid(s.server, position)) return null
  const then = rowsAt(s.server, s.writes, position)
  for (const key of keys) {
    const row = rows[key]
    if (row === then[key]) continue
    const later = s.server.journal.some((d) => d.is === 'executed' && d.at > position && d.write === row)
    if (!later)
      return `N: row ${key} at ${position} in ${where} is of write ${row}, the server had ${then[key]}`
  }
  return null
}

const purged = ({ loggedOut, stores }: State): string | null =>
  loggedOut && [stores[0], ...stores[0].log].some(({ rows }) => rows.some((row) => row > 0))
    ? 'P: rows are stored after the logout'
    : null

const quiet = ({ rules }: Model, s: State): string | null => {
  const pages = s.pages.filter((page) => page.is === 'open' && page.user === s.signedIn)
  // A page that is frozen alone is not expected to do anything.
  if (pages.length === 0) return null
  if (!pages.some((page) => page.leads && page.socket === 'live'))
    return 'G: nothing left to do, yet not connected'
  const [entry] = pages.flatMap((page) => page.entries)
  if (entry) return `G: nothing left to do, yet write ${entry.write} is pending`
  const [stored] = storeOf({ s, rules }, s.signedIn).outbox
  if (stored) return `G: nothing left to do, yet write ${stored.write} is in the outbox`
  const rows = rowsAt(s.server, s.writes, head(s.server))
  for (const page of pages)
    for (const key of keys)
      if (page.rows[key] !== rows[key])
        return `C: quiet, row ${key} is of write ${page.rows[key]}, the server has ${rows[key]}`
  return null
}
/** What was confirmed and then taken back by a restore is nobody's to bring back. */
const lost = ({ pages, server, writes, signedIn }: State): string | null => {
  if (!pages.some((page) => page.is === 'open' && page.user === signedIn)) return null
  for (const [i, { user, stored, told, ran, powerLost }] of writes.entries()) {
    if (user !== signedIn || stored === 0 || powerLost) continue
    if (server.journal.some((d) => d.is === 'executed' && d.write === i + 1)) continue
    if (told === null || (told === 'confirmed' && !ran))
      return `L: write ${i + 1} was stored and never executed`
  }
  return null
}
