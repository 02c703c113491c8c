import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startWorker } from '../support/workerd.ts'
import { floor } from './floor.ts'
import { product } from './product.ts'
import type { WorkloadResult } from './result.ts'
import { type Rounds, runWorkload } from './run-workload.ts'
import type { Scale } from './scale.ts'
import type { Workload } from './workload.ts'

export interface BenchOptions extends Rounds {
  /** The path of the folder `test`. */
  readonly testFolder: string
  readonly workloads: readonly Workload[]
  readonly scale: Scale
  readonly compression: 'none' | 'deflate'
}

/** Runs the workloads against the product and its floor, on a workerd of their own, with databases on disk in a temporary folder. */
export async function runBench(options: BenchOptions): Promise<WorkloadResult[]> {
  const { testFolder, compression, scale } = options
  const folder = await mkdtemp(join(tmpdir(), 'durable-sync-bench-'))
  const worker = await startWorker({
    script: join(testFolder, 'bench/worker/entry.ts'),
    objects: { SYNCED: 'SyncedRoom', BARE: 'BareRoom' },
    persist: join(folder, 'objects'),
  })
  const { port, pid: serverPid } = worker
  const context = { scale, serverPid, port, testFolder }
  const contenders = [product, floor].map((side) => ({ side: side({ port, compression }), context }))
  try {
    const results: WorkloadResult[] = []
    for (const workload of options.workloads) results.push(await runWorkload(workload, contenders, options))
    return results
  } finally {
    await worker.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
