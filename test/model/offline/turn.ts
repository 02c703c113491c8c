import { kept } from './line.ts'
import type { Rules } from './rules.ts'
import type { Scenario } from './scenarios.ts'
import type { End, Page, Position, Rows, State, Store, TabIndex, User } from './state.ts'

/** One step under way: the copy of the state that it changes, and the first property that it was seen to break. */
export interface Turn {
  readonly s: State
  readonly rules: Readonly<Rules>
  readonly scenario: Scenario
  broken: string | null
}

export const replaced = <T>(pair: readonly [T, T], of: 0 | 1, value: T): readonly [T, T] =>
  of === 0 ? [value, pair[1]] : [pair[0], value]

export const change = ({ s }: Turn, tab: TabIndex, change: Partial<Page>): void => {
  s.pages = replaced(s.pages, tab, { ...s.pages[tab], ...change })
}
const storeIndex = ({ rules }: Pick<Turn, 'rules'>, user: User): User => (rules.storePerUser ? user : 0)
export const storeOf = (t: Pick<Turn, 's' | 'rules'>, user: User): Store => t.s.stores[storeIndex(t, user)]

export const loadedRows = (
  { rules }: Pick<Turn, 'rules'>,
  store: Store,
): { position: Position; rows: Rows } => kept(store, rules.log === 'whatever overlaps')

/** Without a restore all records are on one line, and only compaction needs to know what is behind the segments. */
const isFolded = ({ budget }: Scenario): boolean => !budget.restore && !budget.compact && !budget.logout

/**
 * One transaction: all or nothing, and visible to both tabs. A relaxed one may be lost with the power; a strict one
 * takes to the disk whatever was committed before it as well. It fails where the user has been forgotten.
 */
export const commit = (
  t: Turn,
  user: User,
  change: Partial<Store>,
  durability: 'relaxed' | 'strict' = 'relaxed',
): 'done' | 'failed' => {
  const { s, rules, scenario } = t
  const i = storeIndex(t, user)
  if (s.loggedOut && user === 0 && rules.purge === 'keeps out') return 'failed'
  if (s.budget['power loss'] > 0)
    s.unsynced = durability === 'strict' ? [] : [...s.unsynced.slice(-1), s.stores[i]]
  const store = { ...s.stores[i], ...change }
  const folded = isFolded(scenario) ? { ...store, ...loadedRows(t, store), log: [] } : store
  s.stores = replaced(s.stores, i, folded)
  return 'done'
}

/** The app hears how a write ended. */
export const tell = (t: Turn, write: number, end: End, mark: number): void => {
  const { s } = t
  const known = s.writes[write - 1]
  if (!known || end === 'elsewhere') return
  if (end === 'confirmed' && !known.ran) t.broken ??= `T: write ${write} is confirmed and was never executed`
  // What a history said that is gone by now was true when it was said.
  if (end === 'rejected' && known.ran && s.server.era === 0)
    t.broken ??= `T: write ${write} is rejected and was executed`
  if (end === 'unknown' && mark - 1 === s.server.day)
    t.broken ??= `U: nobody can say what became of write ${write}, though it was sent a moment ago`
  if (known.told === null) s.writes = s.writes.with(write - 1, { ...known, told: end })
}
