import { FAULTS, type FaultKind } from './fault-kind.ts'

/** What happened over many schedules. */
export class Tally {
  schedules = 0
  steps = 0
  writes = 0
  confirmed = 0
  rejected = 0
  unknown = 0
  /** Confirmed writes whose history was taken away after they were confirmed. */
  lost = 0
  reconnects = 0
  readonly resets = { lineage: 0, pruned: 0 }
  readonly #hits = new Map<FaultKind, { all: number; inFlight: number }>()

  /** `inFlight`: a write was on its way when it happened. */
  fault(kind: FaultKind, inFlight: boolean): void {
    const hit = this.#hits.get(kind) ?? { all: 0, inFlight: 0 }
    hit.all++
    if (inFlight) hit.inFlight++
    this.#hits.set(kind, hit)
  }

  inFlight(kind: FaultKind): number {
    return this.#hits.get(kind)?.inFlight ?? 0
  }

  /** Everything in a few lines. */
  text(): string {
    const faults = FAULTS.map((kind) => {
      const { all, inFlight } = this.#hits.get(kind) ?? { all: 0, inFlight: 0 }
      return `${kind} ${all} (${inFlight})`
    })
    return [
      `${this.schedules} schedules, ${this.steps} steps, ${this.writes} writes: ${this.confirmed} confirmed, ` +
        `${this.rejected} rejected, ${this.unknown} of unknown outcome, ${this.lost} confirmed and then lost by a restore or a wipe`,
      `faults (with a write in flight): ${faults.join(', ')}`,
      `${this.reconnects} connections, resets: ${this.resets.lineage} lineage, ${this.resets.pruned} pruned`,
    ].join('\n')
  }
}
