import type { Page, Rows, State } from './state.ts'
import type { Turn } from './turn.ts'

/** The row holds the write, or something that was executed after it. */
const reflects = ({ executed, writes }: State, rows: Rows, write: number): boolean => {
  const row = rows[writes[write - 1]?.key ?? 0]
  if (row === write) return true
  const at = executed.indexOf(write)
  return at >= 0 && row > 0 && executed.lastIndexOf(row) > at
}
const isShown = (s: State, { entries, rows }: Pick<Page, 'entries' | 'rows'>, write: number): boolean =>
  entries.some((entry) => entry.write === write && !entry.skip) || reflects(s, rows, write)

/** It ended in a way that takes it off the screen, or a restore, a power loss or a logout took it. */
const mayGo = ({ writes, loggedOut }: State, write: number): boolean => {
  const known = writes[write - 1]
  if (!known || known.other || (loggedOut && known.user === 0)) return true
  if (known.powerLost || (known.told !== null && known.told !== 'confirmed')) return true
  return known.takenBack && known.told !== null
}

/**
 * Two tabs that led at once, with a restore in between, store lines of two histories side by side: a load may take the one that ended, or
 * one tab's reset may have taken the other's away. Until the server has answered the hello such a load may lack what was confirmed. It is
 * the one exception to V, with what `isLateRefusal` says of the same two tabs.
 */
const isTorn = ({ s, scenario }: Pick<Turn, 's' | 'scenario'>): boolean =>
  s.budget.freeze < (scenario.budget.freeze ?? 0) && s.server.era > 0

/**
 * The history that ended has refused the write, and its leader hears of it only now; since then the other tab may have been told, and may have
 * stored, that the one that stands has carried it out. Its row is in the next frame.
 */
const isLateRefusal = (t: Pick<Turn, 's' | 'scenario'>, { frames }: Page, write: number): boolean =>
  isTorn(t) &&
  (frames
    .at(-1)
    ?.ends.some((each) => each.write === write && (each.end === 'rejected' || each.end === 'elsewhere')) ??
    false)

/** A write that a page showed before the step, and no longer shows. */
export const vanished = (before: State, t: Pick<Turn, 's' | 'scenario'>): string | null => {
  const after = t.s
  for (const tab of [0, 1] as const) {
    const old = before.pages[tab]
    const page = after.pages[tab]
    if (
      old === page ||
      page.is === 'closed' ||
      page.is === 'loading' ||
      page.is === 'signed out' ||
      old.session !== page.session
    )
      continue
    if (old.rows === page.rows && old.entries === page.entries) continue
    if (page.leads && !old.leads && isTorn(t)) continue
    for (const [i, { user }] of before.writes.entries())
      if (
        user === page.user &&
        isShown(before, old, i + 1) &&
        !isShown(after, page, i + 1) &&
        !mayGo(after, i + 1) &&
        !isLateRefusal(t, page, i + 1)
      )
        return `V: write ${i + 1} is no longer shown in tab ${tab}`
  }
  return null
}
/** A stored write that a page does not show when it starts. */
export const unseenAtOpen = (t: Pick<Turn, 's' | 'scenario'>, page: Page): string | null => {
  const { s } = t
  if (isTorn(t)) return null
  for (const [i, { user, stored }] of s.writes.entries())
    if (user === page.user && stored > 0 && !isShown(s, page, i + 1) && !mayGo(s, i + 1))
      return `V: write ${i + 1} was stored, and a page that starts does not show it`
  return null
}
