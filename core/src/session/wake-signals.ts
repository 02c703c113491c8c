import type { Cancel, Environment, SignalTarget } from '../client/environment.ts'

/**
 * What the platform tells about the page and the network.
 *
 *   park     the page goes into the back/forward cache, is left, or is frozen. Its socket would stay open for the server, which goes on
 *            sending, and is dead when the page comes back.
 *   unpark   the page is back.
 *   woke     the page is shown again. Timers were throttled, and the socket may have died unnoticed.
 *   online   a network came back. `onLine` does not say that it leads anywhere.
 *   offline  a reason to look, not to close: an open socket often survives it.
 */
export type WakeSignal = 'park' | 'unpark' | 'woke' | 'online' | 'offline'

/** Reports signals until it is cancelled. Where there is no page, there are none. */
export function watchWakeSignals(environment: Environment, report: (signal: WakeSignal) => void): Cancel {
  const { window, document } = environment
  const cancels: Cancel[] = []
  const on = (target: SignalTarget | undefined, type: string, listener: () => void) => {
    if (!target) return
    target.addEventListener(type, listener)
    cancels.push(() => target.removeEventListener(type, listener))
  }
  on(window, 'online', () => report('online'))
  on(window, 'offline', () => report('offline'))
  on(window, 'pagehide', () => report('park'))
  // Also fires after every ordinary load, where it means nothing.
  on(window, 'pageshow', () => report('unpark'))
  on(document, 'freeze', () => report('park'))
  on(document, 'resume', () => report('unpark'))
  on(document, 'visibilitychange', () => {
    if (document?.visibilityState === 'visible') report('woke')
  })
  return () => {
    for (const cancel of cancels.splice(0)) cancel()
  }
}
