import type { Action } from './model.ts'
import type { Property } from './properties.ts'
import type { Rules } from './rules.ts'
import type { ScenarioName } from './scenarios.ts'

/**
 * A shortest run that goes wrong with these rules off. The actions of the environment are what to do to real tabs, a real store and a
 * real server; those of the protocol say how far each of them has come in between. Writes are numbered as they are made, client ids
 * as pages are opened: tab 0 starts with 1, tab 1 with 2.
 */
export interface Counterexample {
  readonly off: Partial<Rules>
  readonly scenario: ScenarioName
  readonly breaks: Property
  /** What the property saw. */
  readonly says: string
  readonly trace: readonly Action[]
}
