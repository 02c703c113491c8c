import { claim } from './client-steps.ts'
import { inHistory, newest, shows } from './log.ts'
import type { Model } from './model.ts'
import { both, type Cell, type Index, type Key, keys, type State, tableName } from './state.ts'

/** R, V and E are judged in the step that breaks them; these are properties of a state. */
export const properties = {
  C: 'Quiet means that the rows are equal.',
  N: 'No set claims a position and lacks a change up to it, or holds what never was from there on.',
  X: 'The rows at a claimed position are those that the server had at exactly that position.',
  G: 'Left alone, every run ends quiet: connected, all joined, the write settled.',
  R: 'No position of this history at or above the floor is refused, and none of a live client that lacks nothing is pruned past.',
  V: 'A confirmed write is taken off only when the rows of its collection hold it, or something newer.',
  E: 'A mutation is executed at most once in the history that stands.',
} as const
export type Property = keyof typeof properties

/** `exact` also asks for X, which is stronger than what a user could see at once: a ghost needs a restore to show. */
export const violation = ({ rules }: Model, s: State, stuck: boolean, exact: boolean): string | null =>
  claimsHold(rules, s, exact) ?? (stuck ? (quiet(s) ?? equal(s)) : null)

const claimsHold = (rules: Model['rules'], s: State, exact: boolean): string | null => {
  for (const of of both) {
    const x = s.client.subscriptions[of]
    const p = claim({ rules }, s.client, x)
    // A claim about another history is judged when the server accepts it.
    if (!p || !inHistory(s, p)) continue
    for (const key of keys) {
      const cell = x.rows[key]
      const [then, ...later] = shownSince(s, of, key, p.seq)
      if (exact && cell !== then) return `X: ${name(of, key)} at ${p.seq} is ${cell}, the server had ${then}`
      if (cell !== then && !later.includes(cell))
        return `N: ${name(of, key)} at ${p.seq} is ${cell}, not one of ${JSON.stringify([then, ...later])}`
    }
  }
  return null
}
const shownSince = (s: State, of: Index, key: Key, seq: number): Cell[] => {
  const then = shows(of, newest(s.history.slice(0, seq), of, key))
  const later = s.history.slice(seq).filter((c) => c.table === of && c.key === key)
  return [then, ...later.map((c) => shows(of, c))]
}

const quiet = ({ client }: State): string | null => {
  const joining = both.find((of) => client.subscriptions[of].state === 'joining')
  if (client.phase !== 'live') return 'G: nothing left to do, yet not connected'
  if (joining !== undefined) return `G: nothing left to do, yet ${tableName(joining)} never joins`
  return client.write === 'none' ? null : 'G: nothing left to do, yet the write never settles'
}
const equal = (s: State): string | null => {
  for (const of of both) {
    const x = s.client.subscriptions[of]
    for (const key of x.state === 'joined' ? keys : []) {
      const want = shows(of, newest(s.history, of, key))
      if (x.rows[key] !== want) return `C: quiet, ${name(of, key)} is ${x.rows[key]}, the server has ${want}`
    }
  }
  return null
}
const name = (of: Index, key: Key): string => `${tableName(of)}${key}`
