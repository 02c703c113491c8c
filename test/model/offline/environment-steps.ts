import { decide, remote } from './journal.ts'
import { loseRelayed } from './relay-steps.ts'
import { announce, executed, restore } from './server-steps.ts'
import type { Key, TabIndex } from './state.ts'
import { tabs } from './state.ts'
import { canCompact, compact } from './storage-steps.ts'
import { crash, detach, logout, ninetyDays, open, powerLoss } from './tab-steps.ts'
import { change, type Turn } from './turn.ts'
import { discard, putFails, write } from './write-steps.ts'

/** What users and the world do, unasked. */
export type EnvironmentAction =
  | { readonly do: 'write'; readonly tab: TabIndex; readonly key: Key; readonly rejected: boolean }
  | {
      readonly do: 'crash' | 'drop' | 'freeze' | 'thaw' | 'open' | 'put fails' | 'compact' | 'relay lost'
      readonly tab: TabIndex
    }
  | { readonly do: 'discard'; readonly tab: TabIndex; readonly write: number }
  | { readonly do: 'logout'; readonly tab: TabIndex }
  | { readonly do: 'power loss'; readonly transactions: number }
  | { readonly do: 'restore'; readonly to: number }
  | { readonly do: 'other writes'; readonly key: Key }
  | { readonly do: 'ninety days' | 'sign in' }

export interface Possible<Action> {
  readonly action: Action
  readonly run: (t: Turn) => void
}

/** Every action that the state and what is left of the budget allow. Ninety days pass only where nobody is about to do anything. */
export const environment = (t: Turn, isIdle: boolean): Possible<EnvironmentAction>[] => {
  const { s, scenario } = t
  const left = s.budget
  const possible: Possible<EnvironmentAction>[] = []
  const can = (action: EnvironmentAction, run: (t: Turn) => void): void => {
    const fault = action.do
    if (fault === 'write' || fault === 'thaw') possible.push({ action, run })
    else if (left[fault] > 0)
      possible.push({
        action,
        run: (t) => {
          run(t)
          t.s.budget = { ...t.s.budget, [fault]: left[fault] - 1 }
        },
      })
  }

  const next = scenario.writes[s.writes.filter((w) => !w.other).length]
  for (const tab of tabs) {
    const page = s.pages[tab]
    if (page.is === 'open') {
      if (next && (next.tab === undefined || next.tab === tab))
        can({ do: 'write', tab, key: next.key, rejected: next.rejected === true }, (t) =>
          write(t, tab, next.key, next.rejected === true),
        )
      if (page.entries.some((entry) => !entry.stored)) can({ do: 'put fails', tab }, (t) => putFails(t, tab))
      for (const { write, stored, skip } of page.entries)
        if (stored && !skip) can({ do: 'discard', tab, write }, (t) => discard(t, tab, write))
      if (canCompact(page)) can({ do: 'compact', tab }, (t) => compact(t, tab))
      if (page.user === s.signedIn && !s.loggedOut) can({ do: 'logout', tab }, (t) => logout(t, tab))
      can({ do: 'freeze', tab }, (t) => change(t, tab, { is: 'frozen' }))
    }
    if (page.is === 'frozen') can({ do: 'thaw', tab }, (t) => change(t, tab, { is: 'open' }))
    if (page.is === 'closed') can({ do: 'open', tab }, (t) => open(t, tab))
    else can({ do: 'crash', tab }, (t) => crash(t, tab))
    if (page.inbox.length > 0) can({ do: 'relay lost', tab }, (t) => loseRelayed(t, tab))
    if (page.socket !== 'none') can({ do: 'drop', tab }, (t) => detach(t, tab))
  }
  for (const [i, store] of s.unsynced.entries())
    can({ do: 'power loss', transactions: s.unsynced.length - i }, (t) => powerLoss(t, store))
  for (let to = 0; to < s.server.journal.length; to++) can({ do: 'restore', to }, (t) => restore(t, to))
  if (isIdle && s.server.journal.length > 0) can({ do: 'ninety days' }, ninetyDays)
  const others = scenario.others ?? []
  const written = s.writes.filter((w) => w.other).length
  for (const key of scenario.othersInOrder ? others.slice(written, written + 1) : others)
    can({ do: 'other writes', key }, (t) => otherWrites(t, key))
  if (s.signedIn === 0)
    can({ do: 'sign in' }, (t) => {
      t.s.signedIn = 1
    })
  return possible
}

const otherWrites = (t: Turn, key: Key): void => {
  const known = {
    user: 0,
    key,
    rejects: false,
    stored: 0,
    told: null,
    ran: false,
    powerLost: false,
    takenBack: false,
    after: [],
  } as const
  t.s.writes = [...t.s.writes, { ...known, other: true }]
  t.s.server = decide(t.s.server, remote(t.s.writes.length, 0))
  executed(t, t.s.writes.length)
  announce(t)
}
