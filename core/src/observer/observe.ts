import type { Environment } from '../client/environment.ts'
import type { ObservedClient, SyncEvent, SyncObserver } from './sync-event.ts'

/** An event before it is said when it was, and of whom. */
export type Happening = SyncEvent extends infer E
  ? E extends SyncEvent
    ? Omit<E, 'at' | 'client'>
    : never
  : never

/** Tells the observer. Law: whoever has none of these makes no event, so that nobody pays for what nobody hears. */
export type Observe = (happening: Happening) => void

/** An observer that throws is reported once for each client: it would throw at every frame. */
export function observing(
  observer: SyncObserver,
  client: ObservedClient,
  { now, reportError }: Pick<Environment, 'now' | 'reportError'>,
): Observe {
  let reported = false
  return (happening) => {
    try {
      observer({ ...happening, at: now(), client } as SyncEvent)
    } catch (error) {
      if (reported) return
      reported = true
      reportError(error)
    }
  }
}
