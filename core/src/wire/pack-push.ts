import type { WireValues } from './cell.ts'
import type { OpForm, PackedItem, PackedOp, PackedPush } from './packed-push.ts'
import type { PushFrame, PushItem, WireOp } from './push-frame.ts'

/** A form, and all columns of its operations in the order of their rows. */
interface KnownForm {
  readonly form: OpForm
  readonly index: number
  readonly names: readonly string[]
}

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

/** An undefined column is none: JSON has no word for it. */
function formOf({ type, collection, key, cols }: WireOp, index: number): KnownForm {
  if (!cols) return { form: { do: type, in: collection }, index, names: [] }
  const names: string[] = []
  const others: string[] = []
  let same: string | undefined
  for (const name of Object.keys(cols)) {
    if (cols[name] === undefined) continue
    names.push(name)
    if (same === undefined && cols[name] === key) same = name
    else others.push(name)
  }
  const form: OpForm =
    same === undefined
      ? { do: type, in: collection, cols: others }
      : { do: type, in: collection, key: same, cols: others }
  return { form, index, names }
}

/** With the names: the column of the key may stand anywhere among them, and they are what the next operation is compared with. */
const textOf = ({ form, names }: KnownForm): string => JSON.stringify([form, names])

/** The forms of one frame. Most operations have that of the one before them, and most frames have one. */
class Forms {
  readonly all: OpForm[] = []
  /** By their text; empty as long as there is one. */
  readonly #known = new Map<string, KnownForm>()
  #last: KnownForm | undefined

  of(op: WireOp): KnownForm {
    if (this.#last && fits(this.#last, op)) return this.#last
    const made = formOf(op, this.all.length)
    this.#last = (this.#last && this.#found(this.#last, made)) ?? made
    if (this.#last === made) this.all.push(made.form)
    return this.#last
  }

  #found(last: KnownForm, made: KnownForm): KnownForm | undefined {
    if (this.#known.size === 0) this.#known.set(textOf(last), last)
    const text = textOf(made)
    const found = this.#known.get(text)
    if (!found) this.#known.set(text, made)
    return found
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
