import type { Scale } from './scale.ts'
import type { Side } from './side.ts'

/** What one measurement found, by the name of the figure. A side leaves out what it does not have. */
export type Measurement = Readonly<Record<string, number>>

export type Unit = 'ms' | 'bytes' | 'rows'

export interface Figure {
  readonly name: string
  readonly unit: Unit
}

export interface WorkloadContext {
  readonly scale: Scale
  /** The id of the server's process. */
  readonly serverPid: number
  readonly port: number
  /** The path of the folder `test`. */
  readonly testFolder: string
}

/** One side, ready to be measured again and again. */
export interface Prepared {
  measure(): Promise<Measurement>
  close(): Promise<void>
}

export interface Workload {
  readonly name: string
  readonly title: (scale: Scale) => string
  /** In the order of the table. */
  readonly figures: readonly Figure[]
  /** `counted`: the figures are counts that come out the same every time, so one measurement is enough. */
  readonly kind: 'timed' | 'counted'
  prepare(side: Side, context: WorkloadContext): Promise<Prepared>
}

let rooms = 0

/** The name of a room that nobody has used. */
export const newRoom = (): string => `room-${++rooms}`

export const NOTHING_TO_CLOSE = async (): Promise<void> => {}
