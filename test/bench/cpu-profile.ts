import { mkdir, writeFile } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'
import { join } from 'node:path'
import type { CpuProfile } from './isolate.ts'
import type { Contender } from './run-workload.ts'

/** Own time of one function, as a share (0 to 1) of the time in which anything ran. */
export interface Hot {
  readonly name: string
  readonly share: number
}

/** Time in which nothing ran. */
const IDLE = '(idle)'
/** Waiting in the system, native code, SQLite: V8 cannot tell them apart. It counts as running and is no function. */
const PROGRAM = '(program)'

const nameOf = ({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string =>
  `${functionName || '(anonymous)'}${url ? ` ${url.slice(url.lastIndexOf('/') + 1)}:${lineNumber + 1}` : ''}`

/** The functions with the most time of their own, without what they call. */
export function hottest({ nodes, samples, timeDeltas }: CpuProfile, count: number): Hot[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const times = new Map<string, number>()
  let total = 0
  for (const [i, sample] of samples.entries()) {
    const name = names.get(sample) ?? ''
    const time = timeDeltas[i] ?? 0
    if (name === IDLE || time < 0) continue
    total += time
    times.set(name, (times.get(name) ?? 0) + time)
  }
  return [...times]
    .filter(([name]) => name !== PROGRAM && name !== '(root)')
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, time]) => ({ name, share: time / total }))
}

/** Profiles the clients, and the object where it can be asked, while `measure` runs. The profiles are kept in the folder. */
export async function profiled<T>(
  folder: string,
  workload: string,
  { side, context }: Contender,
  measure: () => Promise<T>,
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
  for (const [where, taken] of Object.entries({ clients: profile, object })) {
    if (!taken) continue
    await writeFile(
      join(folder, `${workload}-${side.name.replaceAll(' ', '-')}-${where}.cpuprofile`),
      JSON.stringify(taken),
    )
    found[where] = hottest(taken, 5)
  }
  return found
}
