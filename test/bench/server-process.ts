import { readFileSync } from 'node:fs'
import type { RunningWorker } from '../support/workerd.ts'
import { Isolate } from './isolate.ts'

/** What the server's process has resident, in bytes: now, and at its highest. */
export interface Resident {
  readonly now: number
  readonly peak: number
}

/** Undefined where the system does not tell. */
export function residentOf(pid: number): Resident | undefined {
  if (process.platform !== 'linux') return undefined
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 1024
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') }
}

/** The process that has the rooms of one side, and nothing of another side or workload. */
export class ServerProcess {
  readonly isolate: Isolate
  readonly #pid: number
  readonly #before: Resident | undefined

  /** To be made when the process has just been started. */
  constructor({ pid, port, inspector = '' }: Pick<RunningWorker, 'pid' | 'port' | 'inspector'>) {
    this.#pid = pid
    this.isolate = new Isolate(inspector, port)
    this.#before = residentOf(pid)
  }

  /** What is resident beyond what was when the process had just been started, in bytes. */
  growth(): Resident | undefined {
    const resident = residentOf(this.#pid)
    if (!resident || !this.#before) return undefined
    return { now: resident.now - this.#before.now, peak: resident.peak - this.#before.now }
  }
}
