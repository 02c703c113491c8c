import type { WireValue } from './cell.ts'
import { FrameError } from './frame-error.ts'
import type { Limits } from './limits.ts'
import { Misfit, misfit } from './misfit.ts'
import { isOp, type OpForm, type PackedItem, type PackedOp, type PackedPush } from './packed-push.ts'
import type { Mutation, PushFrame, PushItem, WireOp } from './push-frame.ts'

/** What a push may have, whatever its frame may have. */
export type PushLimits = Pick<Limits, 'itemsPerPush' | 'opsPerMutation'>

const NAMELESS: readonly string[] = []

/** What the shape of a form cannot say: one of two values of a column would be lost. */
function formProblem({ key, cols = NAMELESS }: OpForm): Misfit | undefined {
  if (new Set(cols).size < cols.length) return misfit('names a column twice').under('.cols')
  return key !== undefined && cols.includes(key)
    ? misfit('has the column of the key').under('.cols')
    : undefined
}

/** A plain object but for a column whose name would not become one of its properties. */
const emptyRow = ({ key, cols = NAMELESS }: OpForm): Record<string, WireValue> =>
  key === '__proto__' || cols.includes('__proto__') ? Object.create(null) : {}

function unpackOp(op: PackedOp, forms: readonly OpForm[]): WireOp | Misfit {
  const [index, key] = op as readonly [number, string]
  const form = forms[index]
  if (!form) return misfit(`has the form ${index}, there are ${forms.length}`)
  const names = form.cols ?? NAMELESS
  if (op.length - 2 !== names.length)
    return misfit(`has ${op.length - 2} values, its form has ${names.length} columns`)
  const { do: type, in: collection } = form
  if (!form.cols && form.key === undefined) return { collection, type, key }
  const cols = emptyRow(form)
  if (form.key !== undefined) cols[form.key] = key
  for (let i = 0; i < names.length; i++) cols[names[i] as string] = op[i + 2] as WireValue
  return { collection, type, key, cols }
}

function unpackOps(packed: readonly PackedOp[], forms: readonly OpForm[]): WireOp[] | Misfit {
  const ops: WireOp[] = []
  for (const [i, each] of packed.entries()) {
    const op = unpackOp(each, forms)
    if (op instanceof Misfit) return op.under(`[${i}]`)
    ops.push(op)
  }
  return ops
}

/** What the items of one push are read with. */
interface Reading {
  readonly forms: readonly OpForm[]
  readonly most: number
}

/** Of more operations than are allowed only their number: a frame may name some hundred thousand. */
function unpackMutation(
  packed: readonly PackedOp[],
  cid: string,
  n: number,
  { forms, most }: Reading,
): Mutation | Misfit {
  if (packed.length > most) return { cid, n, do: 'mutate', ops: [], excess: packed.length }
  const ops = unpackOps(packed, forms)
  return ops instanceof Misfit ? ops : { cid, n, do: 'mutate', ops }
}

function unpackItem(item: PackedItem, cid: string, n: number, reading: Reading): PushItem | Misfit {
  if (Array.isArray(item)) {
    if (!isOp(item)) return unpackMutation(item, cid, n, reading)
    const op = unpackOp(item, reading.forms)
    return op instanceof Misfit ? op : { cid, n, do: 'mutate', ops: [op] }
  }
  const named = item as Exclude<PackedItem, readonly unknown[]>
  if (named.do !== 'mutate') return { ...named, cid, n }
  const mutation = unpackMutation(named.ops, cid, n, reading)
  if (mutation instanceof Misfit) return mutation.under('.ops')
  return named.again === undefined ? mutation : { ...mutation, again: named.again }
}

/**
 * The writes that a push says.
 * @throws FrameError naming the field that is wrong.
 */
export function unpackPush({ type, forms, runs }: PackedPush, limits: PushLimits): PushFrame {
  forms.forEach((form, i) => {
    const problem = formProblem(form)
    if (problem) throw new FrameError(problem.under(`forms[${i}]`).in('the frame'))
  })
  const count = runs.reduce((sum, { items }) => sum + items.length, 0)
  if (count > limits.itemsPerPush)
    throw new FrameError(`the push has ${count} writes, ${limits.itemsPerPush} are allowed`)
  const reading: Reading = { forms, most: limits.opsPerMutation }
  const items: PushItem[] = []
  for (const [r, { cid, n, items: packed }] of runs.entries()) {
    if (packed.length - 1 > Number.MAX_SAFE_INTEGER - n)
      throw new FrameError(`runs[${r}].n must leave room for ${packed.length} numbers below 2^53`)
    for (const [i, each] of packed.entries()) {
      const item = unpackItem(each, cid, n + i, reading)
      if (item instanceof Misfit) throw new FrameError(item.under(`runs[${r}].items[${i}]`).in('the frame'))
      items.push(item)
    }
  }
  return { type, items }
}
