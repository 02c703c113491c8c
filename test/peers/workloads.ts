import type { Workload } from '../bench/workload.ts'
import { audience } from '../bench/workloads/audience.ts'
import { away } from '../bench/workloads/away.ts'
import { burstOfArrays, burstOfInserts, STORED } from '../bench/workloads/burst.ts'
import { firstLoad } from '../bench/workloads/first-load.ts'
import { storage } from '../bench/workloads/storage.ts'

/** With a figure that those without acknowledgements have, too. */
const untilStored = (burst: Workload): Workload => {
  const [visible, ...others] = burst.figures
  return { ...burst, figures: visible ? [visible, STORED, ...others] : others }
}

/** In the order in which they run. W1 is left out: each of its writes starts when the last one is confirmed. */
export const WORKLOADS: readonly Workload[] = [
  untilStored(burstOfInserts),
  untilStored(burstOfArrays),
  audience,
  firstLoad,
  away,
  storage,
]

/** What the table cannot say. */
export const NOTES = `Notes:

- TinyBase and Yjs have no acknowledgement. A write of theirs counts as done when it is in the client's own store, so nothing limits
  what they have in flight, and "until all are confirmed" is empty. "Visible" says nothing about durability.
- Yjs is durable after 2 s: y-partyserver saves the whole document 2 s after the last change, and at least every 10 s.
- "Until all are stored" is asked of the object: for the product it is the acknowledgement of the last write.
- CPU and bytes of W2 and CPU of W3 go on until all is stored. In W6 "alone" means that the row before it was stored.
- The product's clients are TanStack DB collections. Those of the peers are their own stores, but for "Yjs in TanStack DB", whose store
  feeds a collection.`
