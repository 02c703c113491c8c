import type { WireValues } from './cell.ts'
import type { OpForm, PackedItem, PackedOp, PackedPush } from './packed-push.ts'
import type { PushFrame, PushItem, WireOp } from './push-frame.ts'

/** A form, and all columns of its operations in the order of their rows. */
interface KnownForm {
  readonly form: OpForm
  readonly index: number
  readonly names: readonly string[]
}

const NO_COLS: WireValues = {}

/** An undefined column is none: JSON has no word for it. */
const namesOf = (cols: WireValues): string[] => Object.keys(cols).filter((name) => cols[name] !== undefined)

function hasNames(cols: WireValues, names: readonly string[]): boolean {
  let i = 0
  for (const name in cols) if (cols[name] !== undefined && names[i++] !== name) return false
  return i === names.length
}

function fits({ form, names }: KnownForm, { type, collection, key, cols }: WireOp): boolean {
  if (form.do !== type || form.in !== collection) return false
  if (!cols || !form.cols) return !cols && !form.cols
  return hasNames(cols, names) && (form.key === undefined || cols[form.key] === key)
}

/** The forms of one frame. Most operations have that of the one before them. */
class Forms {
  readonly all: OpForm[] = []
  readonly #known = new Map<string, KnownForm>()
  #last: KnownForm | undefined

  of(op: WireOp): KnownForm {
    if (this.#last && fits(this.#last, op)) return this.#last
    const names = namesOf(op.cols ?? NO_COLS)
    const key = names.find((name) => op.cols?.[name] === op.key)
    const form: OpForm = {
      do: op.type,
      in: op.collection,
      ...(key === undefined ? {} : { key }),
      ...(op.cols ? { cols: names.filter((name) => name !== key) } : {}),
    }
    // With the names: the key may stand anywhere among them, and they are what the next operation is compared with.
    const text = JSON.stringify([form, names])
    const known = this.#known.get(text) ?? { form, index: this.all.push(form) - 1, names }
    this.#known.set(text, known)
    this.#last = known
    return known
  }
}

function packOp(op: WireOp, forms: Forms): PackedOp {
  const { form, index } = forms.of(op)
  const packed: unknown[] = [index, op.key]
  const { cols } = op
  if (cols && form.cols) for (const name of form.cols) packed.push(cols[name])
  return packed
}

function packItem(item: PushItem, forms: Forms): PackedItem {
  if (item.do !== 'mutate') {
    const { cid: _cid, n: _n, ...named } = item
    return named
  }
  const { ops, again } = item
  const [only] = ops
  if (again === undefined && only && ops.length === 1) return packOp(only, forms)
  const packed = ops.map((op) => packOp(op, forms))
  return again === undefined ? packed : { do: 'mutate', ops: packed, again }
}

/** The frame as it travels. Never longer than the JSON of its writes and what `PushItem` has around each. */
export function packPush({ type, items }: PushFrame): PackedPush {
  const forms = new Forms()
  const runs: { cid: string; n: number; items: PackedItem[] }[] = []
  let run: (typeof runs)[number] | undefined
  for (const item of items) {
    if (run?.cid !== item.cid || run.n + run.items.length !== item.n) {
      run = { cid: item.cid, n: item.n, items: [] }
      runs.push(run)
    }
    run.items.push(packItem(item, forms))
  }
  return { type, forms: forms.all, runs }
}
