import { FakeEnvironment } from '../../session/testing/fake-environment.ts'
import type { TabPlatform } from '../tab-platform.ts'
import { Tabs } from '../tabs.ts'
import { type FakeChannel, FakeChannels } from './fake-channels.ts'
import { FakeLocks } from './fake-locks.ts'

class TabEnvironment extends FakeEnvironment {
  readonly #tab: number
  #drawn = 0
  override readonly randomId = (): string => `${this.#tab}-${++this.#drawn}`

  constructor(tab: number) {
    super()
    this.#tab = tab
  }
}

/** A page with one room, and what it was told, in words. */
export class FakeTab {
  readonly environment: FakeEnvironment
  readonly tabs: Tabs<string, string>
  readonly log: string[] = []
  /** Timers run. */
  life: 'running' | 'asleep' = 'running'
  channel: FakeChannel | undefined

  constructor(number: number, locks: FakeLocks, channels: FakeChannels, platform: Partial<TabPlatform>) {
    const note = (line: string) => void this.log.push(line)
    this.environment = new TabEnvironment(number)
    this.tabs = new Tabs<string, string>({
      name: 'app/room',
      environment: this.environment,
      platform: {
        locks: () => locks,
        channel: (name) => {
          this.channel = channels.open(name)
          return this.channel
        },
        ...platform,
      },
      listener: {
        joined: (tab) => note(`joined ${tab}`),
        left: (tab) => note(`left ${tab}`),
        heard: (tab, payload) => note(`${tab} says ${payload}`),
        attached: () => note('attached'),
        detached: () => note('detached'),
        told: (payload) => note(`told ${payload}`),
      },
    })
    this.tabs.role.subscribe(() => note(this.tabs.role.get()))
  }

  get role(): string {
    return this.tabs.role.get()
  }

  get id(): string {
    return this.tabs.tab
  }

  show(visibility: 'visible' | 'hidden'): void {
    this.environment.document.visibilityState = visibility
    this.environment.document.fire('visibilitychange')
  }

  /** What was told since this was last asked. */
  told(): readonly string[] {
    return this.log.splice(0)
  }
}

/** Some tabs of one browser, and their time. */
export class FakeBrowser {
  readonly locks = new FakeLocks()
  readonly channels = new FakeChannels()
  readonly tabs: FakeTab[] = []

  /** Opens a tab that takes part. */
  async open(platform: Partial<TabPlatform> = {}): Promise<FakeTab> {
    const tab = new FakeTab(this.tabs.length + 1, this.locks, this.channels, platform)
    this.tabs.push(tab)
    tab.tabs.start()
    await this.settle()
    return tab
  }

  /** Lets time pass in all tabs alike; those that are asleep run no timers. */
  async pass(ms: number): Promise<void> {
    const STEP_MS = 250
    for (let left = ms; left > 0; left -= STEP_MS) {
      const step = Math.min(STEP_MS, left)
      for (const { environment, life } of this.tabs) {
        if (life === 'running') environment.advance(step)
        else environment.skip(step)
      }
      await this.settle()
    }
  }

  /** Lets everything happen that happens without time. */
  async settle(): Promise<void> {
    for (let i = 0; i < 50; i++) await Promise.resolve()
  }

  get leaders(): readonly FakeTab[] {
    return this.tabs.filter(({ role }) => role === 'leader')
  }
}
