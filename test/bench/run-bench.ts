import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startWorker } from '../support/workerd.ts'
import { floor } from './floor.ts'
import { startLimitedWorker } from './limited-worker.ts'
import { OBJECTS } from './objects.ts'
import { product } from './product.ts'
import type { WorkloadResult } from './result.ts'
import { type Contender, type Rounds, runWorkload } from './run-workload.ts'
import type { Scale } from './scale.ts'
import { ServerProcess } from './server-process.ts'
import type { Side, SideOptions } from './side.ts'
import { ALONE, tanstackAlone } from './tanstack-alone.ts'
import { PRODUCT_AND_FLOOR, type Workload } from './workload.ts'

export interface BenchOptions extends Rounds {
  /** The path of the folder `test`. */
  readonly testFolder: string
  readonly workloads: readonly Workload[]
  readonly scale: Scale
  readonly compression: 'none' | 'deflate'
}

const SIDES: Readonly<Record<string, (options: SideOptions) => Side>> = {
  product,
  floor,
  [ALONE]: tanstackAlone,
}

/** Runs the workloads against the product and what it is compared with. */
export async function runBench(options: BenchOptions): Promise<WorkloadResult[]> {
  const results: WorkloadResult[] = []
  for (const workload of options.workloads) results.push(await onNewServers(workload, options))
  return results
}

/** Each side has a workerd of its own, with databases on disk in a temporary folder: what its process holds is this workload's, and nobody else's. */
async function onNewServers(workload: Workload, options: BenchOptions): Promise<WorkloadResult> {
  const folder = await mkdtemp(join(tmpdir(), 'durable-sync-bench-'))
  const contenders: (Contender & { readonly stop: () => Promise<void> })[] = []
  try {
    for (const name of workload.sides ?? PRODUCT_AND_FLOOR)
      contenders.push(await contender(name, join(folder, name), workload, options))
    return await runWorkload(workload, contenders, options)
  } finally {
    for (const { stop } of contenders) await stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function contender(name: string, folder: string, { heapMiB }: Workload, options: BenchOptions) {
  const { testFolder, compression, scale } = options
  const make = SIDES[name]
  if (!make) throw new Error(`there is no side "${name}"`)
  if (name === ALONE) {
    const context = { scale, serverPid: 0, port: 0, testFolder }
    return { side: make({ port: 0, compression }), context, stop: async () => {} }
  }
  const code = { script: join(testFolder, 'bench/worker/entry.ts'), objects: OBJECTS }
  const worker = await (heapMiB === undefined
    ? startWorker({ ...code, persist: folder, inspected: true })
    : startLimitedWorker({ ...code, folder, heapMiB }))
  const { port, pid } = worker
  return {
    side: make({ port, compression }),
    context: { scale, serverPid: pid, server: new ServerProcess(worker), port, testFolder },
    stop: worker.stop,
  }
}
