import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type BrowserContext, chromium } from 'playwright-core'
import { deadline } from '../support/deadline.ts'

const START_MS = 30_000

/** A browser on a profile that outlives it, with all its processes in one group, so that they can be killed at once. */
export class KillableChromium {
  readonly context: BrowserContext
  readonly #process: ChildProcess

  private constructor(context: BrowserContext, process: ChildProcess) {
    this.context = context
    this.#process = process
  }

  static async launch(profile: string): Promise<KillableChromium> {
    const options = [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
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
  async kill(): Promise<void> {
    const { pid, exitCode } = this.#process
    if (pid === undefined || exitCode !== null) return
    const gone = once(this.#process, 'exit')
    process.kill(-pid, 'SIGKILL')
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
