import type { Readable } from '@durable-sync/core'
import type { SyncEvent, SyncObserver } from '@durable-sync/core/devtools'

/** How many writes of this tab the device does not keep yet: they would be lost with the page. Milliseconds, as a rule. */
export interface UnkeptWrites extends Readable<number> {
  readonly observer: SyncObserver
}

export function unkeptWrites(): UnkeptWrites {
  const unkept = new Set<string>()
  const listeners = new Set<() => void>()
  return {
    get: () => unkept.size,
    subscribe: (onChange) => {
      const listener = () => onChange()
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    observer: (event: SyncEvent) => {
      if (event.type !== 'write') return
      if (event.is === 'queued') unkept.add(event.id)
      else unkept.delete(event.id)
      for (const listener of [...listeners]) listener()
    },
  }
}
