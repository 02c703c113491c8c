import type { Counterexample } from '../../model/offline/counterexample.ts'
import { scenarios } from '../../model/offline/scenarios.ts'
import { describeTrace } from '../../model/offline/trace.ts'
import type { World } from '../../support/world.ts'
import { Stage } from './stage.ts'
import { act } from './steps.ts'
import { type Mend, mend } from './verdict.ts'

/** Where the real system does something else than the broken model. */
export interface Script {
  /** Steps that it does not take, by their number from 1, and why. They are not waited for. */
  readonly absent?: Readonly<Record<number, string>>
  /** The first steps, by their numbers, in another order than in the model, and why. */
  readonly first?: readonly number[]
}

export interface Variant {
  readonly mended: Mend
  /** What pages show: the table that is written, or another one as well. */
  readonly tables: 'one' | 'all'
}

/**
 * Replays what users and the world did in a counterexample of the offline model, with the faults between the same frames and the same
 * transactions. Then everything is mended, and judged.
 */
export async function replay(
  world: World,
  room: string,
  { scenario, trace }: Counterexample,
  { mended, tables, absent = {}, first = [] }: Script & Variant,
): Promise<void> {
  const stage = await Stage.set({ world, room, scenario: scenarios[scenario], trace, tables })
  const { ledger } = stage
  const lines = describeTrace(trace).split('\n')
  const steps = trace.map((action, i) => ({ action, number: i + 1, line: lines[i] ?? '' }))
  const begin = first.flatMap((number) => steps[number - 1] ?? [])
  const missing: string[] = []
  try {
    for (const { action, number, line } of [...begin, ...steps.slice(begin.length)]) {
      ledger.during = line
      stage.expected = absent[number] === undefined ? 'awaited' : 'absent'
      const came = await act(stage, action)
      if (came === 'missing' && stage.expected === 'awaited') missing.push(line)
    }
    await mend(stage, mended)
    const [broken] = ledger.broken
    if (broken !== undefined) throw new Error(broken)
    if (missing.length > 0) throw new Error(`never came: ${missing.join('; ')}`)
  } finally {
    await stage.strike()
  }
}
