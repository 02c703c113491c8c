import type { Counterexample } from './counterexample.ts'
import { pages } from './counterexamples/pages.ts'
import { rows } from './counterexamples/rows.ts'
import { senders } from './counterexamples/senders.ts'
import { verdicts } from './counterexamples/verdicts.ts'
import { writes } from './counterexamples/writes.ts'

/** By what is off; see variants.ts for how each is found again. */
export const counterexamples: Readonly<Record<string, Counterexample>> = {
  ...rows,
  ...pages,
  ...writes,
  ...verdicts,
  ...senders,
}
