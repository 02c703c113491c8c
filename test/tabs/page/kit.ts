import { defaultEnvironment } from '../../../core/src/client/environment.ts'
import { channelName, leadLockName } from '../../../core/src/tabs/tab-message.ts'
import { defaultTabPlatform, type Locks, type PlatformChannel } from '../../../core/src/tabs/tab-platform.ts'
import type { TabTimings } from '../../../core/src/tabs/tab-timings.ts'
import { Tabs } from '../../../core/src/tabs/tabs.ts'

/** What the page was told, with the time: `leader`, `joined`, `told 3`. */
export const log: { readonly at: number; readonly line: string }[] = []

const note = (line: string): void => void log.push({ at: Date.now(), line })

export const lines = (): string[] => log.map(({ line }) => line)

export const environment = defaultEnvironment()

const browsers = defaultTabPlatform()

/** How the lead was asked for. */
export const requests: ('queue' | 'steal')[] = []

const watchedLocks = (): Locks | undefined => {
  const locks = browsers.locks()
  return (
    locks && {
      request: (name, options, run) => {
        requests.push(options.steal ? 'steal' : 'queue')
        return locks.request(name, options, run)
      },
    }
  )
}

let channel: PlatformChannel | undefined

export let tabs: Tabs<string, string>

/** Takes part in a room. A page that leads, or is alone, stands for one that has a socket. */
export function open(room: string, timings: Partial<TabTimings> = {}): string {
  tabs = new Tabs<string, string>({
    name: room,
    environment,
    platform: {
      locks: watchedLocks,
      channel: (name) => {
        channel = browsers.channel(name)
        return channel
      },
    },
    timings,
    listener: {
      joined: (tab) => note(`joined ${tab}`),
      left: (tab) => note(`left ${tab}`),
      heard: (_, payload) => note(`heard ${payload}`),
      attached: () => note('attached'),
      detached: () => note('detached'),
      told: (payload) => note(`told ${payload}`),
    },
  })
  tabs.role.subscribe(() => note(tabs.role.get()))
  tabs.start()
  return tabs.tab
}

/** As other browsers do: the page is put away without being told. To be called before `open`. */
export function tellNothing(): void {
  const swallow = (event: Event) => event.stopImmediatePropagation()
  document.addEventListener('freeze', swallow, { capture: true })
  addEventListener('pagehide', swallow, { capture: true })
}

/** A channel that is open would have the page thrown out of the back/forward cache by the next message. */
export const closeChannel = (): void => channel?.close()

/** Any message on the channel of a room. */
export function shout(room: string): void {
  const own = new BroadcastChannel(channelName(room))
  own.postMessage({ type: 'bye', link: 'nobody' })
  own.close()
}

/** Nothing else of this page runs meanwhile. */
export function hang(ms: number): void {
  setTimeout(() => {
    for (const end = Date.now() + ms; Date.now() < end; );
    note('hung')
  })
}

export async function locksOf(room: string): Promise<{ held: number; pending: number }> {
  const { held = [], pending = [] } = await navigator.locks.query()
  const of = (all: readonly LockInfo[]) => all.filter(({ name }) => name === leadLockName(room)).length
  return { held: of(held), pending: of(pending) }
}

document.addEventListener('resume', () => note('resume'))

/** Whether it is the page of before that came back. */
export const restored: boolean[] = []
addEventListener('pageshow', ({ persisted }) => {
  restored.push(persisted)
})
