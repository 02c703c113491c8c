import { drop, mount, mutate, reload, unmount } from './client-steps.ts'
import { append, newest, type Turn } from './log.ts'
import { wake } from './server-steps.ts'
import { both, type Key, type Table, tableName, type Value } from './state.ts'
import { compact, type Moment, moments, prune, restore, wipe } from './storage-steps.ts'

/** What the world does to the system, unasked. */
export type EnvironmentAction =
  | { readonly do: 'write'; readonly table: Table; readonly key: Key; readonly value: Value }
  | { readonly do: 'mutate' | 'drop' | 'evict' | 'compact' | 'wipe' }
  | { readonly do: 'prune'; readonly through: number }
  | { readonly do: 'restore'; readonly to: number; readonly moment: Moment }
  | { readonly do: 'mount' | 'unmount'; readonly table: Table }
  | { readonly do: 'reload'; readonly mount: Table }

export interface Possible<Action> {
  readonly action: Action
  readonly run: (t: Turn) => void
}

/** Every action that the state and what is left of the budget allow. */
export const environment = (t: Turn): Possible<EnvironmentAction>[] => {
  const { s, scenario } = t
  const left = s.budget
  const possible: Possible<EnvironmentAction>[] = []
  const can = (action: EnvironmentAction, run: (t: Turn) => void): void => {
    if (left[action.do] === 0) return
    possible.push({
      action,
      run: (t) => {
        t.s.budget = { ...t.s.budget, [action.do]: left[action.do] - 1 }
        run(t)
      },
    })
  }

  for (const [table, key, value] of scenario.writes) {
    if (value === 'gone' && (newest(s.history, table, key)?.value ?? 'gone') === 'gone') continue
    can({ do: 'write', table: tableName(table), key, value }, ({ s }) =>
      append(s, { table, key, value, id: s.nextId++ }),
    )
  }
  if (s.client.write === 'none') can({ do: 'mutate' }, mutate)
  if (s.client.phase !== 'down') can({ do: 'drop' }, drop)
  if (s.socket) can({ do: 'evict' }, wake)
  if (left.compact && compact({ ...t, s: { ...s } })) can({ do: 'compact' }, compact)
  if (s.history.length) can({ do: 'wipe' }, wipe)
  for (let through = s.prunedThrough + 1; through <= s.history.length; through++)
    can({ do: 'prune', through }, (t) => prune(t, through))
  for (let to = 0; to <= s.history.length; to++)
    for (const moment of moments(s, to)) can({ do: 'restore', to, moment }, (t) => restore(t, to, moment))
  for (const of of both) {
    const table = tableName(of)
    if (s.client.subscriptions[of].state === 'off') can({ do: 'mount', table }, (t) => mount(t, of))
    else if (of === 1) can({ do: 'unmount', table }, (t) => unmount(t, of))
    can({ do: 'reload', mount: table }, (t) => reload(t, of))
  }
  return possible
}
