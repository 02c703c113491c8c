import { EventClient } from '@tanstack/devtools-event-client'
import type { SyncError } from '../errors.ts'
import type { SyncEvent, SyncObserver } from '../observer/sync-event.ts'

/** Under which TanStack Devtools knows the events, and the plugin. */
export const PLUGIN_ID = 'durable-sync'

/**
 * An observer that sends every event to the bus of TanStack Devtools, as `durable-sync:event`, and hands it to `also`. Events are JSON there:
 * errors are their name, code and message. In production (`NODE_ENV`) nothing is sent, and the bus's code is not in the bundle.
 */
export function devtoolsObserver(also?: SyncObserver): SyncObserver {
  const bus = new EventClient<{ event: object }>({ pluginId: PLUGIN_ID })
  return (event) => {
    try {
      also?.(event)
    } finally {
      bus.emit('event', plainEvent(event))
    }
  }
}

/** The bus may carry it to another window, where an error would arrive as an empty object. */
function plainEvent(event: SyncEvent): object {
  if (event.type === 'status' && 'cause' in event.status)
    return { ...event, status: { ...event.status, cause: plainError(event.status.cause) } }
  if (event.type === 'storage' && 'cause' in event.status.health) {
    const { health } = event.status
    return { ...event, status: { ...event.status, health: { ...health, cause: String(health.cause) } } }
  }
  return event
}

const plainError = ({ name, code, message }: SyncError) => ({ name, code, message })
