import { idText, jsonValue, keyText, wireValue } from './cell.ts'
import type { Misfit } from './misfit.ts'
import {
  count,
  expected,
  flag,
  type Infer,
  list,
  oneOf,
  optional,
  type Shape,
  struct,
  tagged,
  text,
} from './shape.ts'

/**
 * A push as it travels: what its writes have in common is said once. Operations on one collection that name the same columns have one
 * form; writes under one client id whose numbers follow one another are one run.
 */

const opForm = struct({
  do: oneOf('insert', 'update', 'delete'),
  /** The collection. */
  in: text(256),
  /** The column whose value is the key of each operation, which is not said again. Absent: where that is not so. */
  key: optional(keyText),
  /** The other columns, in the order of the values. Absent: the operations have none, not even an empty list. */
  cols: optional(list(keyText)),
})
export type OpForm = Infer<typeof opForm>

/** `[form, key, ...values]`: `form` is an index in `forms`. */
export type PackedOp = readonly unknown[]

const key = keyText
const form = count()

/** Values are checked here, their number where the form is at hand (`unpack-push`). */
const packedOp: Shape<PackedOp> = {
  form: { op: [form.form, key.form], values: wireValue.form },
  check: (value, depth) => {
    if (!Array.isArray(value)) return expected('an array', value)
    const wrong = form.check(value[0], depth)?.under('[0]') ?? key.check(value[1], depth)?.under('[1]')
    if (wrong) return wrong
    for (let i = 2; i < value.length; i++) {
      const unfit = wireValue.check(value[i], depth)
      if (unfit) return unfit.under(`[${i}]`)
    }
    return undefined
  },
}

const ops = list(packedOp)

/** It may have been sent before: the server counts attempts, so that a handler that crashes the object is given up on. */
const again = optional(flag())
const mutate = struct({ do: oneOf('mutate'), ops, again })
const call = struct({ do: oneOf('call'), name: text(256), args: jsonValue, again })
const skip = struct({ do: oneOf('skip'), again })
type NamedItem = Infer<typeof mutate> | Infer<typeof call> | Infer<typeof skip>
const namedItem = tagged<NamedItem>('do', { mutate, call, skip })

/** A mutation of one operation, or a list of them, or anything by its name. */
export type PackedItem = PackedOp | readonly PackedOp[] | NamedItem

/** Whether it is one operation and not a list of them. */
export const isOp = (item: PackedOp | readonly PackedOp[]): item is PackedOp => typeof item[0] === 'number'

const packedItem: Shape<PackedItem> = {
  form: { op: packedOp.form, ops: ops.form, named: namedItem.form },
  check: (value, depth): Misfit | undefined => {
    if (!Array.isArray(value)) return namedItem.check(value, depth)
    return isOp(value) ? packedOp.check(value, depth) : ops.check(value, depth)
  },
}

const run = struct({
  cid: idText,
  /** The number of the first item; the others follow. */
  n: count(),
  items: list(packedItem),
})

export const packedPush = struct({ type: oneOf('push'), forms: list(opForm), runs: list(run) })
export type PackedPush = Infer<typeof packedPush>
