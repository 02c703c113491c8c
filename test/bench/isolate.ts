import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { post } from '../support/post.ts'

/** What is read of a `.cpuprofile`. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
}

const LOOK_MS = 20

interface Answer {
  readonly id?: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

type Send = (method: string, params?: object) => Promise<unknown>

async function connect(url: string): Promise<{ readonly send: Send; readonly close: () => void }> {
  const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: 0 })
  await once(socket, 'open')
  const waiting = new Map<number, (answer: Answer) => void>()
  socket.on('message', (text) => {
    const answer = JSON.parse(String(text)) as Answer
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer)
  })
  socket.on('close', () => {
    for (const answer of waiting.values()) answer({ error: { message: 'the inspector has gone' } })
  })
  let asked = 0
  return {
    send: async (method, params = {}) => {
      const id = ++asked
      const { result, error } = await new Promise<Answer>((resolve) => {
        waiting.set(id, resolve)
        socket.send(JSON.stringify({ id, method, params }))
      })
      if (error) throw new Error(`${method}: ${error.message}`)
      return result
    },
    close: () => socket.close(),
  }
}

/** The isolate of a Worker, asked through its inspector. There is a connection only while something is asked: nobody listens while something is timed. */
export class Isolate {
  readonly #url: string
  readonly #port: number
  /** A second connection would end the first, so uses at the same time share one. */
  #connection: ReturnType<typeof connect> | undefined
  #uses = 0

  /** `port`: where the Worker answers. */
  constructor(url: string, port: number) {
    this.#url = url
    this.#port = port
  }

  /** What the isolate's heap holds after a collection, in bytes: the code and the objects of all rooms, without SQLite and sockets. */
  heap(): Promise<number> {
    return this.#ask(async (send) => {
      // What only a finalizer lets go is let go by the second.
      for (let i = 0; i < 2; i++) await this.#whileAwake(send('HeapProfiler.collectGarbage'))
      const { usedSize } = (await send('Runtime.getHeapUsage')) as { usedSize: number }
      return usedSize
    })
  }

  /** The most that the heap is seen to hold while `work` runs, garbage included, in bytes. */
  heapDuring(work: () => Promise<unknown>): Promise<number> {
    return this.#ask(async (send) => {
      let most = 0
      const look = async () => {
        const { usedSize } = (await send('Runtime.getHeapUsage')) as { usedSize: number }
        most = Math.max(most, usedSize)
        await setTimeout(LOOK_MS)
      }
      await this.#whileAwake(look())
      let state: 'runs' | 'done' = 'runs'
      const done = work().finally(() => {
        state = 'done'
      })
      // An isolate that has nothing to do does not answer.
      while (state === 'runs') await Promise.race([done, look()])
      await done
      return most
    })
  }

  /** Where the isolate spends its time while `work` runs. */
  profile(work: () => Promise<unknown>): Promise<CpuProfile> {
    return this.#ask(async (send) => {
      await send('Profiler.enable')
      await send('Profiler.setSamplingInterval', { interval: 200 })
      await send('Profiler.start')
      await work()
      const { profile } = (await send('Profiler.stop')) as { profile: CpuProfile }
      return profile
    })
  }

  /** A collection is a task that waits until the isolate has something to do. */
  async #whileAwake(task: Promise<unknown>): Promise<void> {
    let state: 'waits' | 'done' = 'waits'
    const done = task.finally(() => {
      state = 'done'
    })
    while (state === 'waits') await post(this.#port, '/', '')
    await done
  }

  async #ask<T>(use: (send: Send) => Promise<T>): Promise<T> {
    this.#uses++
    this.#connection ??= connect(this.#url)
    const { send, close } = await this.#connection
    try {
      return await use(send)
    } finally {
      if (--this.#uses === 0) {
        this.#connection = undefined
        close()
      }
    }
  }
}
