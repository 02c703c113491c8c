import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type BrowserContext, chromium } from 'playwright-core'
import { deadline } from '../support/deadline.ts'

const START_MS = 30_000

/**
 * Chromium goes on with the log of a database in which a kill has cut off a record, finds that record broken the next time, and deletes
 * every database of the origin. Seen about once in fifty kills that are followed by others.
 */
const DELETED = /IndexedDB recovering from a corrupted \(and deleted\) database/

/** A browser on a profile that outlives it, with all its processes in one group, so that they can be killed at once. */
export class KillableChromium {
  readonly context: BrowserContext
  readonly #process: ChildProcess
  #storage: 'kept' | 'deleted' = 'kept'

  private constructor(context: BrowserContext, process: ChildProcess) {
    this.context = context
    this.#process = process
    if (!process.stderr) return
    createInterface(process.stderr).on('line', (line) => {
      if (DELETED.test(line)) this.#storage = 'deleted'
    })
  }

  /** Whether it has said that it deleted what was stored, which no page can help. */
  get hasDeletedStorage(): boolean {
    return this.#storage === 'deleted'
  }

  static async launch(profile: string): Promise<KillableChromium> {
    const options = [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--enable-logging=stderr',
    ]
    const child = spawn(
      process.env.CHROMIUM ?? '/usr/bin/chromium',
      [...options, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
      { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    try {
      const browser = await chromium.connectOverCDP(await deadline(addressOf(child), START_MS, 'Chromium'))
      const [context] = browser.contexts()
      if (!context) throw new Error('Chromium has no profile')
      return new KillableChromium(context, child)
    } catch (error) {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      throw error
    }
  }

  /** SIGKILL to every process of the browser. */
  kill(): Promise<void> {
    return this.#end((pid) => process.kill(-pid, 'SIGKILL'))
  }

  /** As a user closes it. */
  quit(): Promise<void> {
    return this.#end((pid) => process.kill(pid, 'SIGTERM'))
  }

  async #end(by: (pid: number) => void): Promise<void> {
    const { pid, exitCode, signalCode } = this.#process
    if (pid === undefined || exitCode !== null || signalCode !== null) return
    const gone = once(this.#process, 'exit')
    by(pid)
    await gone
  }
}

async function addressOf({ stderr }: ChildProcess): Promise<string> {
  if (!stderr) throw new Error('Chromium prints nothing')
  for await (const line of createInterface(stderr)) {
    const [, address] = /DevTools listening on (ws:\S+)/.exec(line) ?? []
    if (address) {
      stderr.resume()
      return address
    }
  }
  throw new Error('Chromium ended before it listened')
}
