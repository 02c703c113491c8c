import { type Hot, profiled } from './cpu-profile.ts'
import { type Round, resultOf, type WorkloadResult } from './result.ts'
import type { Side } from './side.ts'
import type { Measurement, Prepared, Workload, WorkloadContext } from './workload.ts'

/** A side, and where its rooms are. */
export interface Contender {
  readonly side: Side
  readonly context: WorkloadContext
}

export interface Rounds {
  /** Measurements of each side that are kept; one more comes before them and is dropped. Counted workloads are measured once. */
  readonly runs: number
  /** A folder for profiles. Where it is given, one more measurement of each side is made with profilers at work, and not kept. */
  readonly profile?: string | undefined
  /** Says what is going on. */
  readonly say: (text: string) => void
}

/** Measures one workload, the sides in turn. All ratios are those of the first side to another. */
export async function runWorkload(
  workload: Workload,
  contenders: readonly Contender[],
  { runs, profile, say }: Rounds,
): Promise<WorkloadResult> {
  const [first] = contenders
  if (!first) throw new Error('there is nothing to measure')
  const title = workload.title(first.context.scale)
  say(`${workload.name}: ${title}`)
  const prepared: [name: string, side: Prepared, contender: Contender][] = []
  for (const contender of contenders) {
    const { side, context } = contender
    prepared.push([side.name, await workload.prepare(side, context), contender])
  }
  const kept: Round[] = []
  const rounds = workload.kind === 'timed' ? runs + 1 : 1
  for (let n = 0; n < rounds; n++) {
    const round: Record<string, Measurement> = {}
    for (const [name, side] of prepared) round[name] = await measured(side)
    const isWarmUp = workload.kind === 'timed' && n === 0
    if (!isWarmUp) kept.push(round)
    say(`  ${isWarmUp ? 'warm-up' : `run ${kept.length}`}: ${summary(workload, round)}`)
  }
  for (const [name, side, contender] of profile === undefined ? [] : prepared) {
    const found = await profiled(profile ?? '', workload.name, contender, {
      ...side,
      measure: () => measured(side),
    })
    for (const [where, functions] of Object.entries(found))
      say(`  hottest, ${where} of ${name}: ${functions.map(hot).join(', ')}`)
  }
  for (const [, side] of prepared) await side.close()
  return resultOf(
    workload,
    title,
    prepared.map(([name]) => name),
    kept,
  )
}

const hot = ({ name, share }: Hot): string => `${name} ${(share * 100).toFixed(1)} %`

/** Garbage of the last measurement is not this one's fault. */
async function measured({ measure }: Prepared): Promise<Measurement> {
  globalThis.gc?.()
  return measure()
}

function summary({ figures }: Workload, round: Round): string {
  const [figure] = figures
  if (!figure) return ''
  const values = Object.entries(round).map(
    ([name, found]) => `${name} ${found[figure.name]?.toFixed(2) ?? '–'}`,
  )
  return `${figure.name} (${figure.unit}): ${values.join(', ')}`
}
