import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startWorker } from '../support/workerd.ts'
import { floor } from './floor.ts'
import { product } from './product.ts'
import { type Pair, resultOf, type WorkloadResult } from './result.ts'
import type { Scale } from './scale.ts'
import type { Side } from './side.ts'
import type { Prepared, Workload, WorkloadContext } from './workload.ts'

export interface BenchOptions {
  /** The path of the folder `test`. */
  readonly testFolder: string
  readonly workloads: readonly Workload[]
  readonly scale: Scale
  /** Measurements of each side that are kept; one more comes before them and is dropped. Counted workloads are measured once. */
  readonly runs: number
  readonly compression: 'none' | 'deflate'
  /** Says what is going on. */
  readonly say: (text: string) => void
}

/** Runs the workloads on a workerd of its own, with its databases on disk in a temporary folder. */
export async function runBench(options: BenchOptions): Promise<WorkloadResult[]> {
  const { testFolder, compression, scale } = options
  const folder = await mkdtemp(join(tmpdir(), 'durable-sync-bench-'))
  const worker = await startWorker({
    script: join(testFolder, 'bench/worker/entry.ts'),
    objects: { SYNCED: 'SyncedRoom', BARE: 'BareRoom' },
    persist: join(folder, 'objects'),
  })
  const { port, pid: serverPid } = worker
  const sides = { product: product({ port, compression }), floor: floor({ port, compression }) }
  try {
    const results: WorkloadResult[] = []
    for (const workload of options.workloads)
      results.push(await runWorkload(workload, sides, { scale, serverPid, port, testFolder }, options))
    return results
  } finally {
    await worker.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function runWorkload(
  workload: Workload,
  sides: { readonly product: Side; readonly floor: Side },
  context: WorkloadContext,
  { runs, say }: BenchOptions,
): Promise<WorkloadResult> {
  const title = workload.title(context.scale)
  say(`${workload.name}: ${title}`)
  const ours = await workload.prepare(sides.product, context)
  const theirs = await workload.prepare(sides.floor, context)
  const pairs: Pair[] = []
  const rounds = workload.kind === 'timed' ? runs + 1 : 1
  for (let round = 0; round < rounds; round++) {
    const pair: Pair = { product: await measured(ours), floor: await measured(theirs) }
    const isWarmUp = workload.kind === 'timed' && round === 0
    if (!isWarmUp) pairs.push(pair)
    say(`  ${isWarmUp ? 'warm-up' : `run ${pairs.length}`}: ${summary(workload, pair)}`)
  }
  await ours.close()
  await theirs.close()
  return resultOf(workload, title, pairs)
}

/** Garbage of the last measurement is not this one's fault. */
async function measured({ measure }: Prepared) {
  globalThis.gc?.()
  return measure()
}

function summary({ figures }: Workload, { product, floor }: Pair): string {
  const [first] = figures
  if (!first) return ''
  const show = (value: number | undefined) => value?.toFixed(2) ?? '–'
  return `${first.name} ${show(product[first.name])} ${first.unit}, floor ${show(floor[first.name])}`
}
