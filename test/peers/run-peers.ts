import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WorkloadResult } from '../bench/result.ts'
import { type Contender, type Rounds, runWorkload } from '../bench/run-workload.ts'
import type { Scale } from '../bench/scale.ts'
import { ServerProcess } from '../bench/server-process.ts'
import type { Workload } from '../bench/workload.ts'
import { type RunningWorker, startWorker } from '../support/workerd.ts'
import { type Contestant, contestantsOf } from './contestants.ts'

export interface PeersOptions extends Rounds {
  /** The path of the folder `test`. */
  readonly testFolder: string
  readonly workloads: readonly Workload[]
  readonly scale: Scale
  readonly compression: 'none' | 'deflate'
}

/** Every workload begins with new servers, one a side, so that their memory is that of the workload and of nobody else. */
export async function runPeers(options: PeersOptions): Promise<WorkloadResult[]> {
  const results: WorkloadResult[] = []
  for (const workload of options.workloads) results.push(await onNewServers(workload, options))
  return results
}

async function onNewServers(workload: Workload, options: PeersOptions): Promise<WorkloadResult> {
  const folder = await mkdtemp(join(tmpdir(), 'durable-sync-peers-'))
  const servers: RunningWorker[] = []
  try {
    const contenders: Contender[] = []
    for (const contestant of contestantsOf(workload.name)) {
      const server = await start(contestant, folder, options)
      servers.push(server)
      contenders.push(contender(contestant, server, options))
    }
    return await runWorkload(workload, contenders, options)
  } finally {
    for (const server of servers) await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const start = ({ name, script, objects }: Contestant, folder: string, { testFolder }: PeersOptions) =>
  startWorker({ script: join(testFolder, script), objects, persist: join(folder, name), inspected: true })

function contender(
  { side }: Contestant,
  worker: RunningWorker,
  { scale, testFolder, compression }: PeersOptions,
): Contender {
  const { port, pid } = worker
  const server = new ServerProcess(worker)
  return { side: side({ port, compression }), context: { scale, serverPid: pid, server, port, testFolder } }
}

/** A workload that needs no server. */
export function runWithoutServers(
  workload: Workload,
  { scale, testFolder, compression, ...rounds }: PeersOptions,
): Promise<WorkloadResult> {
  const context = { scale, testFolder, serverPid: 0, port: 0 }
  const sides = contestantsOf(workload.name).map(({ side }) => ({
    side: side({ port: 0, compression }),
    context,
  }))
  return runWorkload(workload, sides, rounds)
}
