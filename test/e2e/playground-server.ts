import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deadline } from '../support/deadline.ts'
import { keepBuilt, takeBuilt } from './built-pages.ts'

const START = fileURLToPath(new URL('../../playground/start.mjs', import.meta.url))
const READY = /Playground: http:\/\/127\.0\.0\.1:(\d+)\//
/** It builds the pages and the Worker first, with four compilers, which takes its time on a busy machine. */
const START_MS = 180_000

export interface PlaygroundOptions {
  /**
   * Which React the page runs: what a user of the playground gets, or the one that complains. `development` also mounts, unmounts and
   * mounts everything again. Default `production`.
   */
  readonly react?: 'production' | 'development'
}

interface Running {
  readonly process: ChildProcess
  readonly port: number
}

/** The playground as its start command runs it, on one port and one folder of rooms over all its lives. */
export class PlaygroundServer {
  readonly data: string
  readonly #react: 'production' | 'development'
  #running: Running

  private constructor(data: string, react: 'production' | 'development', running: Running) {
    this.data = data
    this.#react = react
    this.#running = running
  }

  static async create({ react = 'production' }: PlaygroundOptions = {}): Promise<PlaygroundServer> {
    const data = await mkdtemp(join(tmpdir(), 'playground-'))
    // Below the ports that systems give to outgoing connections: a page that dials again and again would sooner or later take the port.
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    await takeBuilt(react, data)
    const server = new PlaygroundServer(data, react, await run(data, react, port))
    await keepBuilt(react, data)
    return server
  }

  get port(): number {
    return this.#running.port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`
  }

  /** SIGKILL to the start command and workerd at once, as when the machine goes. Connections see 1006, new ones are refused. */
  async kill(): Promise<void> {
    const { process: leader } = this.#running
    if (leader.exitCode !== null || leader.signalCode !== null) return
    const gone = once(leader, 'exit')
    process.kill(-(leader.pid as number), 'SIGKILL')
    await gone
  }

  /** The same rooms on the same port, after `kill`. */
  async start(): Promise<void> {
    const { port } = this
    this.#running = await run(this.data, this.#react, port)
    if (this.port !== port) throw new Error(`port ${port} was taken while nobody used it`)
  }

  /** Ends it and removes its rooms. */
  async stop(): Promise<void> {
    await this.kill()
    await rm(this.data, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}

/** A leader of its own process group, so that workerd can be killed in the same instant. It ends when this process is gone. */
async function run(data: string, react: string, port: number): Promise<Running> {
  const child = spawn(process.execPath, [START, '--port', String(port), '--data', data], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: react, npm_lifecycle_event: 'start' },
  })
  let said = ''
  const ready = new Promise<number>((resolve, reject) => {
    const hear = (text: Buffer) => {
      said += text
      const [, at] = READY.exec(said) ?? []
      if (at) resolve(Number(at))
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', (code) => reject(new Error(`the playground ended with ${code}: ${said}`)))
  })
  try {
    return { process: child, port: await deadline(ready, START_MS, 'the playground', () => said) }
  } catch (error) {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    throw error
  }
}
