import type { History } from './history.ts'
import type { Tab } from './tab.ts'
import type { Tally } from './tally.ts'
import type { Write } from './write-ledger.ts'

/**
 * What must hold when everything is mended and quiet (R20).
 *
 *   diverged          a client does not show what the server stores
 *   hang              it does not become quiet
 *   applied twice     a write has run more than once in the history that survived
 *   torn              of operations that happen together only some have happened
 *   reordered         writes of one client were applied in another order than they were made
 *   confirmed, lost   a confirmed write is not there, and no history was taken away since
 *   rejected, applied a rejected write is there, and no older copy that has it came back
 *   unknown           nobody knows of a write, although no history was taken away
 *   failed            a write ended in a way that no fault explains
 *   reset             a client had to start over without a cause, or on a connection that was alive
 *   error             the client reported an error of its own
 */
export type Law =
  | 'diverged'
  | 'hang'
  | 'applied twice'
  | 'torn'
  | 'reordered'
  | 'confirmed, lost'
  | 'rejected, applied'
  | 'unknown'
  | 'failed'
  | 'reset'
  | 'error'

export class LawBroken extends Error {
  override readonly name = 'LawBroken'
  readonly law: Law
  /** What the write that it happened to is called in frames. */
  readonly about: string | null

  constructor(law: Law, message: string, about: string | null = null) {
    super(`${law}: ${message}`)
    this.law = law
    this.about = about
  }
}

export interface Evidence {
  readonly tabs: readonly Tab[]
  /** Tags in the order of application. */
  readonly audit: readonly string[]
  readonly history: History
  readonly wasPruned: boolean
  readonly tally: Tally
}

/** @throws LawBroken */
export function judge({ tabs, audit, history, wasPruned, tally }: Evidence): void {
  const applied = new Map<string, number>()
  for (const tag of audit) applied.set(tag, (applied.get(tag) ?? 0) + 1)
  for (const tab of tabs) {
    judgeOrder(tab, audit)
    for (const write of tab.ledger.writes) judgeWrite(tab, write, applied, history, tally)
    if (tab.line.wasRestarted && !history.changed)
      throw new LawBroken('reset', `client ${tab.name} was live and had to start over`)
    for (const reset of tab.line.resets) {
      if (reset === undefined) continue
      tally.resets[reset]++
      const cause = reset === 'pruned' ? wasPruned : history.changed
      if (!cause) throw new LawBroken('reset', `client ${tab.name} started over for ${reset}`)
    }
  }
}

function judgeWrite(
  tab: Tab,
  write: Write,
  applied: ReadonlyMap<string, number>,
  history: History,
  tally: Tally,
): void {
  const { tags, ending, code, endedAt } = write
  const counts = tags.map((tag) => applied.get(tag) ?? 0)
  const what = `${tab.name}.${write.n} (${ending} ${code ?? ''}), applied ${counts.join(', ')} times`
  const broken = (law: Law) => new LawBroken(law, what, `"${tab.name}.${write.n}.`)
  tally.writes++
  if (counts.some((count) => count > 1)) throw broken('applied twice')
  if (new Set(counts).size > 1) throw broken('torn')
  const [count] = counts
  switch (ending) {
    case 'confirmed':
      tally.confirmed++
      if (count !== 0) break
      if (!tags.every((tag) => history.mayHaveTaken(tag, endedAt, tab.connections)))
        throw broken('confirmed, lost')
      tally.lost++
      break
    case 'rejected':
      tally.rejected++
      if (count && !tags.every((tag) => history.mayHaveBroughtBack(tag))) throw broken('rejected, applied')
      break
    case 'unknown':
      tally.unknown++
      if (!history.changed) throw broken('unknown')
      break
    case 'open':
      throw broken('hang')
    case 'failed':
      throw broken('failed')
    default:
      ending satisfies never
  }
}

/** Tags of one client are `<client>.<n>.<i>`. */
function judgeOrder(tab: Tab, audit: readonly string[]): void {
  let last = 0
  for (const tag of audit) {
    const [client, n] = tag.split('.')
    if (client !== tab.name) continue
    if (Number(n) < last) throw new LawBroken('reordered', `${tag} was applied after ${tab.name}.${last}`)
    last = Number(n)
  }
}
