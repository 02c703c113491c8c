import { ALWAYS, bothOf } from '../wire/canonical-predicate.ts'
import { utf8Bytes } from '../wire/codec.ts'
import type { Predicate, WireValue } from '../wire/index.ts'
import type { Demand } from './subset-demand.ts'
import { conjunctsOf, type PlannedSubset } from './subset-plan.ts'

/** So many subscriptions for single keys are cheaper than asking for the same rows again. */
const MOST_SUBSCRIPTIONS = 8
/** A server takes 32 KiB of one filter. */
const MOST_BYTES = 24 * 1024

/** What one subscription is to hold in the place of several. */
export interface Gathering {
  readonly where: Predicate
  /** The subscriptions, by name, whose demands of the same owner it serves. */
  readonly from: readonly string[]
}

type Values = ReadonlyMap<string, WireValue>

/**
 * What a filter within `base` asks for beyond that: rows with certain values in one column, as a live query does that joins, for the partners
 * of its rows. Undefined when it asks for anything else.
 */
function keysIn(
  where: Predicate,
  base: Predicate | undefined,
): { readonly column: string; readonly values: Values } | undefined {
  const given = new Set(base ? conjunctsOf(base).map((each) => JSON.stringify(each)) : [])
  const added = conjunctsOf(where).filter((each) => given.size === 0 || !given.has(JSON.stringify(each)))
  const [only] = added
  if (added.length !== 1 || (only?.op !== 'eq' && only?.op !== 'in')) return undefined
  const values = only.op === 'in' ? only.values : [only.value]
  return { column: only.column, values: new Map(values.map((each) => [JSON.stringify(each), each])) }
}

/** Of each subscription that somebody has for values of a column: the values that the same one asks for now. */
function ownOf(
  { owner }: Demand,
  column: string,
  open: ReadonlyMap<string, PlannedSubset>,
  base: Predicate | undefined,
): { readonly name: string; readonly values: Values }[] {
  const own: { name: string; values: Values }[] = []
  for (const [name, { shape, demands }] of open) {
    if (shape.order || keysIn(shape.where, base)?.column !== column) continue
    const asked = [...demands]
      .filter((demand) => demand.owner === owner)
      .map(({ where }) => keysIn(where, base))
      .filter((keys) => keys?.column === column)
    const values = new Map(asked.flatMap((keys) => [...(keys?.values ?? [])]))
    if (values.size > 0) own.push({ name, values })
  }
  return own.sort((a, b) => a.values.size - b.values.size)
}

/**
 * A live query that joins asks for each new partner by itself, and would have a subscription for each. Where one has many already, the next
 * demand takes their values along, the smallest first, as long as the list at least grows by half: so each value is asked for a few times,
 * and the subscriptions that are left each have a multiple of the values of the next. A list that is too long for a filter becomes the
 * whole of `base`.
 *
 * Undefined when the demand is to have a subscription of its own.
 */
export function gatheringOf(
  demand: Demand,
  open: ReadonlyMap<string, PlannedSubset>,
  base: Predicate | undefined,
): Gathering | undefined {
  const asked = demand.order || demand.owner === undefined ? undefined : keysIn(demand.where, base)
  if (!asked) return undefined
  const { column } = asked
  const own = ownOf(demand, column, open, base)
  const values = new Map(asked.values)
  const from: string[] = []
  for (const each of own.length < MOST_SUBSCRIPTIONS ? [] : own) {
    if (each.values.size > 2 * values.size) break
    for (const [text, value] of each.values) values.set(text, value)
    from.push(each.name)
  }
  const where = bothOf(base ?? ALWAYS, { op: 'in', column, values: [...values.values()] })
  if (utf8Bytes(JSON.stringify(where)) > MOST_BYTES)
    return { where: base ?? ALWAYS, from: own.map(({ name }) => name) }
  return from.length > 0 ? { where, from } : undefined
}
