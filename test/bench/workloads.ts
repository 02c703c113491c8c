import type { Workload } from './workload.ts'
import { audience } from './workloads/audience.ts'
import { away } from './workloads/away.ts'
import { bundleSize } from './workloads/bundle-size.ts'
import { burstOfArrays, burstOfInserts } from './workloads/burst.ts'
import { comingBack } from './workloads/coming-back.ts'
import { crowdedTable } from './workloads/crowded-table.ts'
import { cutOff } from './workloads/cut-off.ts'
import { filters } from './workloads/filters.ts'
import { firstLoad } from './workloads/first-load.ts'
import { keptRows } from './workloads/kept-rows.ts'
import { oneAfterAnother } from './workloads/one-after-another.ts'
import { storage } from './workloads/storage.ts'

/** In the order in which they run. */
export const WORKLOADS: readonly Workload[] = [
  oneAfterAnother,
  burstOfInserts,
  burstOfArrays,
  audience,
  firstLoad,
  away,
  storage,
  bundleSize,
  cutOff,
  filters,
  keptRows,
  crowdedTable,
  comingBack,
]
