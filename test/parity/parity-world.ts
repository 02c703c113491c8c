import { fileURLToPath } from 'node:url'
import { post } from '../support/post.ts'
import { type RunningWorker, startWorker } from '../support/workerd.ts'
import type { ParityVerbs } from '../worker/parity-verbs.ts'

/** JSON with numbers that `JSON.stringify` would make null. */
const exactJson = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    each === Number.POSITIVE_INFINITY ? '<9e999>' : each === Number.NEGATIVE_INFINITY ? '<-9e999>' : each,
  ).replace(/"<(-?9e999)>"/g, '$1')

/** Path from the root of the repository. */
export const PARITY_ENTRY = 'test/worker/parity-entry.ts'
const ENTRY = fileURLToPath(new URL(`../../${PARITY_ENTRY}`, import.meta.url))

/** The library's compiler and readers in a real workerd, over its SQLite. */
export class ParityWorld {
  readonly #worker: RunningWorker

  private constructor(worker: RunningWorker) {
    this.#worker = worker
  }

  /** `script`: the path of another module of the same Worker. */
  static async start(script = ENTRY): Promise<ParityWorld> {
    return new ParityWorld(await startWorker({ script, objects: { PARITY: 'ParityObject' } }))
  }

  /** @throws Error with what was thrown inside the object. */
  async ask<V extends keyof ParityVerbs>(
    room: string,
    verb: V,
    args: ParityVerbs[V]['args'],
  ): Promise<ParityVerbs[V]['result']> {
    const answer = await post(this.#worker.port, `/${room}/${verb}`, exactJson(args))
    if (answer.status !== 200) throw new Error(`${verb}: ${answer.text}`)
    return JSON.parse(answer.text) as ParityVerbs[V]['result']
  }

  stop(): Promise<void> {
    return this.#worker.stop()
  }
}
