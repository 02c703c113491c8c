import type { Action } from './model.ts'
import type { Property } from './properties.ts'
import type { Rules } from './rules.ts'
import type { ScenarioName } from './scenarios.ts'

/**
 * A shortest run that goes wrong with these rules off. The actions of the environment are what to do to a real client
 * and server; those of the protocol say how far each side has come in between.
 */
export interface Counterexample {
  readonly off: Partial<Rules>
  readonly scenario: ScenarioName
  readonly breaks: Property
  /** What the property saw. Rows are named by the id of their write, in order from 1; 91 and up are the client's own. */
  readonly says: string
  readonly trace: readonly Action[]
}
