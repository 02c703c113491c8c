import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { post } from '../support/post.ts'
import { copyStorage, replaceStorage, type StorageCopy } from '../support/storage-copy.ts'
import { type RunningWorker, startWorker } from '../support/workerd.ts'
import type { ControlVerbs, OutsideVerbs } from '../worker/control-verbs.ts'

const OBJECTS = {
  ROOM: 'Room',
  SESSION: 'SessionDO',
  NO_CLAIMS: 'NoClaims',
  NO_TABLE: 'NoTable',
  LOBBY: 'Lobby',
}
const CLASS = OBJECTS.ROOM

export type Verbs = ControlVerbs & OutsideVerbs

/** One workerd with many rooms. What happens to the process happens to all of them. */
export class SoakWorld {
  readonly #directory: string
  readonly #script: string
  #worker: RunningWorker
  #copies = 0

  private constructor(directory: string, script: string, worker: RunningWorker) {
    this.#directory = directory
    this.#script = script
    this.#worker = worker
  }

  /** `script` is the path of the Worker's module. */
  static async start(script: string): Promise<SoakWorld> {
    const directory = await mkdtemp(join(tmpdir(), 'durable-sync-soak-'))
    return new SoakWorld(directory, script, await SoakWorld.#run(directory, script, 0))
  }

  static #run(directory: string, script: string, port: number): Promise<RunningWorker> {
    return startWorker({ script, objects: OBJECTS, persist: join(directory, 'objects'), port })
  }

  get port(): number {
    return this.#worker.port
  }

  /** The last lines that workerd printed. */
  get lastWords(): string {
    return this.#worker.output.slice(-20).join('\n')
  }

  url(room: string, userId: string, port: number): string {
    return `ws://127.0.0.1:${port}/sync/${room}?claims=${encodeURIComponent(JSON.stringify({ userId }))}`
  }

  /** @throws Error with what the room or the Worker threw. */
  async control<V extends keyof Verbs>(
    room: string,
    verb: V,
    args: Verbs[V]['args'],
  ): Promise<Verbs[V]['result']> {
    const answer = await post(this.port, `/control/${room}/${String(verb)}`, JSON.stringify(args))
    if (answer.status !== 200) throw new Error(`${String(verb)}: ${answer.text}`)
    return JSON.parse(answer.text) as Verbs[V]['result']
  }

  /** A column of a query, past the library. */
  async column(room: string, statement: string): Promise<string[]> {
    const rows = await this.control(room, 'sql', { statement, params: [], via: 'storage' })
    return rows.map((row) => String(Object.values(row)[0]))
  }

  /** The databases of rooms as they are on disk at one moment. The process is frozen meanwhile, with its sockets open. */
  async copies(ids: readonly string[]): Promise<StorageCopy[]> {
    const made: StorageCopy[] = []
    this.#worker.freeze()
    try {
      for (const id of ids)
        made.push(
          await copyStorage(
            join(this.#directory, 'objects'),
            CLASS,
            id,
            join(this.#directory, `copy-${++this.#copies}`),
          ),
        )
    } finally {
      this.#worker.thaw()
    }
    return made
  }

  /** Puts a copy in the place of a room's database, nothing for null. The process must be down. */
  replace(id: string, copy: StorageCopy | null): Promise<void> {
    return replaceStorage(join(this.#directory, 'objects'), CLASS, id, copy)
  }

  /** `stop`: as a deploy ends it. `kill`: SIGKILL. Either way connections see 1006 and new ones are refused. */
  down(how: 'stop' | 'kill'): Promise<void> {
    return how === 'stop' ? this.#worker.stop() : this.#worker.kill()
  }

  /** Starts again on the same port with what is on disk. */
  async up(): Promise<void> {
    this.#worker = await SoakWorld.#run(this.#directory, this.#script, this.port)
  }

  /** Ends the process and removes its files. */
  async end(): Promise<void> {
    await this.#worker.stop()
    await rm(this.#directory, { recursive: true, force: true })
  }
}
