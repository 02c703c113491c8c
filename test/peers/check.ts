import type { WorkloadResult } from '../bench/result.ts'
import type { Scale } from '../bench/scale.ts'
import { contestantsOf } from './contestants.ts'

/** Every workload, as small as it can be. */
export const TINY: Scale = {
  sequentialWrites: 3,
  burstWrites: 120,
  insertsInFlight: 50,
  audience: 3,
  audienceWrites: 4,
  snapshotRows: 60,
  missedChanges: 6,
  storedAlone: 2,
  storedInserts: 60,
  storedUpdates: 60,
  cutOff: 8,
  filters: 3,
  filteredWrites: 12,
  keptRows: 60,
  keptChanges: 6,
  keptWrites: 10,
  heldRows: 100,
  heldSockets: 3,
  missedRows: 6,
}

/** A peer confirms nothing; a document that is saved as a whole need not grow by a row; memory may shrink. */
const MAY_BE_NOTHING = /confirmed$|^rows read|^database bytes|^CPU of the server|^memory of/

/** @throws Error that names the figures that a side does not have. */
export function checkFigures(results: readonly WorkloadResult[]): void {
  const missing = results.flatMap(({ name, figures }) =>
    figures
      .filter(({ name: figure }) => !MAY_BE_NOTHING.test(figure))
      .flatMap(({ name: figure, sides }) =>
        contestantsOf(name)
          .filter((side) => !((sides[side.name]?.median ?? 0) > 0))
          .map((side) => `${name}: ${figure} of ${side.name}`),
      ),
  )
  if (missing.length > 0) throw new Error(`these figures are missing:\n  ${missing.join('\n  ')}`)
}
