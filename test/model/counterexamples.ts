import type { Counterexample } from './counterexample.ts'
import { joins } from './counterexamples/joins.ts'
import { positions } from './counterexamples/positions.ts'
import { sockets } from './counterexamples/sockets.ts'
import { writes } from './counterexamples/writes.ts'

/** By what is off; see variants.ts for how each is found again. */
export const counterexamples: Readonly<Record<string, Counterexample>> = {
  ...positions,
  ...joins,
  ...sockets,
  ...writes,
}
