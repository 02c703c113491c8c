import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RawClient } from '../support/raw-client.ts'
import type { RawOptions } from '../support/raw-socket.ts'
import { type RunningWorker, startWorker } from '../support/workerd.ts'
import type { Claims } from '../worker/rows.ts'

export interface SiteOptions {
  /** A file of `test/worker`. */
  readonly script: string
  /** Binding name to class. */
  readonly objects: Readonly<Record<string, string>>
}

export interface Page {
  readonly status: number
  readonly text: string
  readonly headers: Headers
}

const HOSTING: SiteOptions = {
  script: 'hosting-entry.ts',
  objects: { CHANGEABLE: 'Changeable', HOTEL: 'Hotel', GATE: 'Gate' },
}

/** A Worker with objects that are hosted in unusual ways, and what a test does to them. */
export class Site {
  readonly #worker: RunningWorker
  readonly #directory: string
  readonly #clients: RawClient[] = []

  private constructor(worker: RunningWorker, directory: string) {
    this.#worker = worker
    this.#directory = directory
  }

  static async start({ script, objects }: SiteOptions = HOSTING): Promise<Site> {
    const directory = await mkdtemp(join(tmpdir(), 'durable-sync-site-'))
    const entry = fileURLToPath(new URL(`../worker/${script}`, import.meta.url))
    return new Site(await startWorker({ script: entry, objects, persist: directory }), directory)
  }

  get output(): readonly string[] {
    return this.#worker.output
  }

  /** Bytes of memory that the process holds. Only where there is a `/proc`. */
  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.#worker.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#worker.port}`
  }

  /** A socket to `path`; claims go in the header that the fixture's `authenticate` reads. */
  async connect(
    path: string,
    claims: Claims | null = { userId: 'alice' },
    options: RawOptions = {},
  ): Promise<RawClient> {
    const headers = {
      ...(claims === null ? {} : { 'x-test-claims': JSON.stringify(claims) }),
      ...options.headers,
    }
    const client = await RawClient.open(`ws://127.0.0.1:${this.#worker.port}${path}`, { ...options, headers })
    this.#clients.push(client)
    return client
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Page> {
    const response = await fetch(`${this.origin}${path}`, { headers })
    return { status: response.status, text: await response.text(), headers: response.headers }
  }

  /**
   * Calls a method of an object.
   * @throws Error with the message of what was thrown in the object.
   */
  async call<T = unknown>(binding: string, room: string, method: string, ...args: unknown[]): Promise<T> {
    const response = await fetch(`${this.origin}/call/${binding}/${room}/${method}`, {
      method: 'POST',
      body: JSON.stringify(args),
    })
    const text = await response.text()
    if (response.status !== 200) throw new Error(text)
    return JSON.parse(text) as T
  }

  /** Takes the object out of memory as hibernation does. */
  async evict(binding: string, room: string): Promise<void> {
    await this.call(binding, room, 'evict')
  }

  /** How often the object was constructed. Asking does not wake it. */
  constructions(room: string): Promise<number> {
    return this.call<number>('CHANGEABLE', room, 'constructions')
  }

  /** Moves the clock of every object by this many milliseconds from the real time. */
  async setClock(aheadMs: number): Promise<void> {
    await this.call('CHANGEABLE', 'clock', 'clock', aheadMs)
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.drop()
    await this.#worker.stop()
    await rm(this.#directory, { recursive: true, force: true })
  }
}
