import type { Cancel, Environment, SignalTarget } from '../client/environment.ts'

/**
 * shown, hid   visibility.
 * froze        timers stand still from now on, and what the page holds it holds until it thaws. In Chromium messages are still handled.
 * thawed       the page runs again.
 * left         the page is gone, or lies in the back/forward cache: it must have let go of all that others may want.
 * returned     it came back from there. Also after every ordinary load, where it means nothing.
 */
export type PageSignal = 'shown' | 'hid' | 'froze' | 'thawed' | 'left' | 'returned'

/** Reports what happens to the page until it is cancelled. */
export function watchPage(environment: Environment, report: (signal: PageSignal) => void): Cancel {
  const { window, document } = environment
  const cancels: Cancel[] = []
  const on = (target: SignalTarget | undefined, type: string, signal: () => PageSignal) => {
    if (!target) return
    const listener = () => report(signal())
    target.addEventListener(type, listener)
    cancels.push(() => target.removeEventListener(type, listener))
  }
  on(document, 'visibilitychange', () => (document?.visibilityState === 'visible' ? 'shown' : 'hid'))
  on(document, 'freeze', () => 'froze')
  on(document, 'resume', () => 'thawed')
  on(window, 'pagehide', () => 'left')
  on(window, 'pageshow', () => 'returned')
  return () => {
    for (const cancel of cancels.splice(0)) cancel()
  }
}
