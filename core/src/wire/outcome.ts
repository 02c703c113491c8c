import { jsonValue } from './cell.ts'
import { type Infer, oneOf, optional, struct, tagged, text } from './shape.ts'

const committed = struct({
  is: oneOf('committed'),
  /** What a command returned; absent for a mutation. */
  result: optional(jsonValue),
})

const rejected = struct({
  is: oneOf('rejected'),
  code: text(64),
  message: text(4096),
  /** What a schema said about the input, field by field. */
  details: optional(jsonValue),
})

/** The entry was discarded by the application before it ran; its number is used up. */
const skipped = struct({ is: oneOf('skipped') })

/** What became of one mutation or command. The same question is always answered with the same outcome. */
export const outcome = tagged<Infer<typeof committed> | Infer<typeof rejected> | Infer<typeof skipped>>(
  'is',
  {
    committed,
    rejected,
    skipped,
  },
)
export type Outcome = Infer<typeof outcome>

/** A receipt. It travels only in the `changes` frame that carries what it caused, as a `PackedReceipt`. */
export interface Receipt {
  readonly cid: string
  readonly n: number
  readonly outcome: Outcome
}
