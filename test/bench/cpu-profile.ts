import { mkdir, writeFile } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'
import { join } from 'node:path'
import type { CpuProfile } from './isolate.ts'
import type { Contender } from './run-workload.ts'
import type { Prepared } from './workload.ts'

/** One function without what it calls, as a share (0 to 1) of all samples that hit a function. */
export interface Hot {
  readonly name: string
  readonly share: number
}

/**
 * Nothing ran; the system or SQLite did; the profiler itself; and collections, which the bench forces to measure memory. Waiting and
 * native code cannot be told apart.
 */
const NO_FUNCTION = new Set(['(root)', '(idle)', '(program)', 'dispatch', '(garbage collector)'])

const nameOf = ({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string =>
  `${functionName || '(anonymous)'}${url ? ` ${url.slice(url.lastIndexOf('/') + 1)}:${lineNumber + 1}` : ''}`

/**
 * The functions that were hit most. Samples are counted, and the times between them are not: an isolate that waits for its next event is
 * not sampled, and the function that ran last would be charged for the wait.
 */
export function hottest({ nodes, samples }: Pick<CpuProfile, 'nodes' | 'samples'>, count: number): Hot[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const hits = new Map<string, number>()
  let total = 0
  for (const sample of samples) {
    const name = names.get(sample) ?? ''
    if (NO_FUNCTION.has(name)) continue
    total++
    hits.set(name, (hits.get(name) ?? 0) + 1)
  }
  return [...hits]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, found]) => ({ name, share: found / total }))
}

/**
 * Profiles the clients, and the object where it can be asked, while `measure` runs; then what else the workload has. The profiles are kept in
 * the folder.
 */
export async function profiled(
  folder: string,
  workload: string,
  { side, context }: Contender,
  { measure, profile: others }: Pick<Prepared, 'measure' | 'profile'>,
): Promise<Readonly<Record<string, readonly Hot[]>>> {
  const clients = new Session()
  clients.connect()
  await clients.post('Profiler.enable')
  await clients.post('Profiler.setSamplingInterval', { interval: 200 })
  await clients.post('Profiler.start')
  const { isolate } = context.server ?? {}
  const object = isolate ? await isolate.profile(measure) : undefined
  if (!isolate) await measure()
  const { profile } = (await clients.post('Profiler.stop')) as unknown as { profile: CpuProfile }
  clients.disconnect()
  await mkdir(folder, { recursive: true })
  const found: Record<string, readonly Hot[]> = {}
  for (const [where, taken] of Object.entries({ clients: profile, object, ...(await others?.()) })) {
    if (!taken) continue
    await writeFile(
      join(folder, `${workload}-${side.name.replaceAll(' ', '-')}-${where}.cpuprofile`),
      JSON.stringify(taken),
    )
    found[where] = hottest(taken, 5)
  }
  return found
}
