import { readdirSync, readFileSync } from 'node:fs'
import type { Figure } from './workload.ts'

/** Of the process that runs all clients, and of workerd, in milliseconds. The server's is known only on Linux. */
export interface CpuTime {
  readonly clients: number
  readonly server: number | undefined
}

/** Nanoseconds on a CPU by thread. The kernel's count for the whole process moves only once in 10 ms. */
function threadTimes(pid: number): Map<string, number> {
  const times = new Map<string, number>()
  if (process.platform !== 'linux' || pid === 0) return times
  const threads = `/proc/${pid}/task`
  for (const thread of readdirSync(threads)) {
    try {
      const [onCpu = ''] = readFileSync(`${threads}/${thread}/schedstat`, 'utf8').split(' ')
      times.set(thread, Number(onCpu))
    } catch {
      // It has just ended.
    }
  }
  return times
}

/** Starts to measure. The returned function says what was used since. */
export function cpuTime(serverPid: number): () => CpuTime {
  const clientsBefore = process.cpuUsage()
  const before = threadTimes(serverPid)
  return () => {
    const { user, system } = process.cpuUsage(clientsBefore)
    let server = 0
    for (const [thread, time] of threadTimes(serverPid)) server += time - (before.get(thread) ?? 0)
    return { clients: (user + system) / 1e3, server: before.size === 0 ? undefined : server / 1e6 }
  }
}

export const CLIENT_CPU: Figure = { name: 'CPU of all clients', unit: 'ms' }
export const SERVER_CPU: Figure = { name: 'CPU of the server', unit: 'ms' }

/** The two figures as a measurement has them. */
export const cpuFigures = ({ clients, server }: CpuTime): Readonly<Record<string, number>> => ({
  [CLIENT_CPU.name]: clients,
  ...(server === undefined ? {} : { [SERVER_CPU.name]: server }),
})
