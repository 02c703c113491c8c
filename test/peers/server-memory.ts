import { readFileSync } from 'node:fs'
import type { FigureResult } from '../bench/result.ts'
import { spreadOf } from '../bench/statistics.ts'

/** What a process has in memory, in bytes; undefined where the system does not tell. */
interface Memory {
  readonly now: number
  readonly peak: number
}

function memoryOf(pid: number): Memory | undefined {
  if (process.platform !== 'linux') return undefined
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 1024
  return { now: kilobytes('VmRSS'), peak: kilobytes('VmHWM') }
}

const AFTER = 'memory of the server, growth over all runs'
const PEAK = 'memory of the server, growth at its highest'

/** Starts to measure processes that have just been started, by the name of their side. The returned function says what they took since. */
export function serverMemory(pids: Readonly<Record<string, number>>): () => FigureResult[] {
  const names = Object.keys(pids)
  const memories = () => names.map((name) => [name, memoryOf(pids[name] ?? 0)] as const)
  const before = Object.fromEntries(memories())
  return () => {
    const after: [string, number][] = []
    const peak: [string, number][] = []
    for (const [name, memory] of memories()) {
      const start = before[name]
      if (!memory || !start) continue
      after.push([name, memory.now - start.now])
      peak.push([name, memory.peak - start.now])
    }
    return after.length === 0 ? [] : [figure(AFTER, after), figure(PEAK, peak)]
  }
}

function figure(name: string, values: readonly [side: string, bytes: number][]): FigureResult {
  const [, ...others] = values
  const ours = values[0]?.[1] ?? 0
  const spread = (value: number) => spreadOf([value]) ?? { median: value, min: value, max: value }
  return {
    name,
    unit: 'bytes',
    sides: Object.fromEntries(values.map(([side, bytes]) => [side, spread(bytes)])),
    ratios: Object.fromEntries(
      others.filter(([, bytes]) => bytes > 0).map(([side, bytes]) => [side, spread(ours / bytes)]),
    ),
  }
}
