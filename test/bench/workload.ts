import type { CpuProfile } from './isolate.ts'
import type { Scale } from './scale.ts'
import type { ServerProcess } from './server-process.ts'
import type { Side } from './side.ts'

/** What one measurement found, by the name of the figure. A side leaves out what it does not have. */
export type Measurement = Readonly<Record<string, number>>

/** `MB`: a million bytes. `times`: one figure of the same side divided by another. */
export type Unit = 'ms' | 'bytes' | 'MB' | 'rows' | 'times'

export interface Figure {
  readonly name: string
  readonly unit: Unit
}

export interface WorkloadContext {
  readonly scale: Scale
  /** The id of the server's process; 0 where there is none. */
  readonly serverPid: number
  /** What that process holds. Absent where it has rooms of others, too. */
  readonly server?: ServerProcess
  readonly port: number
  /** The path of the folder `test`. */
  readonly testFolder: string
}

/** One side, ready to be measured again and again. */
export interface Prepared {
  measure(): Promise<Measurement>
  /** Profiles of processes that are neither the clients' nor the object's, by what runs there. Absent: there are none. */
  profile?(): Promise<Readonly<Record<string, CpuProfile>>>
  close(): Promise<void>
}

export interface Workload {
  readonly name: string
  readonly title: (scale: Scale) => string
  /** In the order of the table. */
  readonly figures: readonly Figure[]
  /** `counted`: the figures are counts that come out the same every time, so one measurement is enough. */
  readonly kind: 'timed' | 'counted'
  /** Names of the sides that it is measured with, the first of all ratios first. Default: the product and its floor. */
  readonly sides?: readonly string[]
  /** The most that the heap of the object's isolate may have, in MiB. Default: what V8 takes by itself, which is more than an object has. */
  readonly heapMiB?: number
  prepare(side: Side, context: WorkloadContext): Promise<Prepared>
}

export const PRODUCT_AND_FLOOR: readonly string[] = ['product', 'floor']

let rooms = 0

/** The name of a room that nobody has used. */
export const newRoom = (): string => `room-${++rooms}`

export const NOTHING_TO_CLOSE = async (): Promise<void> => {}
