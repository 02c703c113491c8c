import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startWorker } from '../../support/workerd.ts'
import { heapAfterCollection } from '../collect-garbage.ts'
import { OBJECTS } from '../objects.ts'
import { type Round, resultOf, type WorkloadResult } from '../result.ts'
import type { Rounds } from '../run-workload.ts'
import type { Measurement } from '../workload.ts'
import { FIGURES, GrownRoom } from './grown-room.ts'
import type { Growth } from './growth.ts'

export interface GrowthOptions extends Rounds {
  /** The path of the folder `test`. */
  readonly testFolder: string
  readonly growths: readonly Growth[]
  /** In each measurement. */
  readonly writes: number
}

export async function runGrowth(options: GrowthOptions): Promise<WorkloadResult[]> {
  const results: WorkloadResult[] = []
  for (const growth of options.growths) results.push(await grow(growth, options))
  return results
}

/** The name of a size, as the head of its column. */
export const sizeName = (size: number): string => size.toLocaleString('en-US')

/** All sizes are there at once, and take turns: whatever else the machine does meets all of them. */
async function grow(growth: Growth, options: GrowthOptions): Promise<WorkloadResult> {
  const { testFolder, runs, writes, say } = options
  const title = `a write, with ${growth.sizes.map(sizeName).join(', ')} ${growth.of}`
  say(`${growth.name}: ${title}`)
  const folder = await mkdtemp(join(tmpdir(), 'durable-sync-growth-'))
  const worker = await startWorker({
    script: join(testFolder, 'bench/worker/entry.ts'),
    objects: OBJECTS,
    persist: folder,
  })
  try {
    const rooms: [name: string, room: GrownRoom][] = []
    for (const size of growth.sizes)
      rooms.push([sizeName(size), await GrownRoom.make(worker, growth.at(size))])
    const timed: Record<string, Measurement>[] = []
    for (let n = 0; n <= runs; n++) {
      const round: Record<string, Measurement> = {}
      for (const [name, room] of rooms) {
        heapAfterCollection()
        round[name] = await room.timed(writes)
      }
      if (n > 0) timed.push(round)
      say(n === 0 ? '  warm-up' : `  run ${n}`)
    }
    const counts: Record<string, Measurement> = {}
    for (const [name, room] of rooms) counts[name] = await room.counted(writes)
    for (const [, room] of rooms) await room.close()
    const rounds = timed.map((round) => withCounts(round, counts))
    const sides = rooms.map(([name]) => name).reverse()
    return resultOf({ name: growth.name, figures: FIGURES }, title, sides, rounds)
  } finally {
    await worker.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const withCounts = (round: Round, counts: Round): Round =>
  Object.fromEntries(Object.entries(round).map(([name, times]) => [name, { ...times, ...counts[name] }]))
