import type { SyncEvent } from '../../observer/sync-event.ts'
import { countText, sizeText, statusText, storageText } from './panel-text.ts'

/** What happened, in two parts: what it is about, and the rest. */
export interface EventText {
  readonly what: string
  readonly how: string
}

export function eventText(event: SyncEvent): EventText {
  switch (event.type) {
    case 'frame':
      return { what: event.frame, how: sizeText(event.length) }
    case 'status':
      return { what: 'status', how: statusText(event.status) }
    case 'session':
      return {
        what: 'session',
        how: `${event.from} → ${event.to} (${event.by}, socket ${event.socket})`,
      }
    case 'position':
      return { what: 'position', how: event.position ?? 'starts over' }
    case 'subscription': {
      const rows = event.is === 'joined' ? `, ${countText(event.rows, 'row')}` : ''
      const code = event.code === undefined ? '' : `: ${event.code}`
      return { what: event.collection, how: `subscription ${event.sub} ${event.is}${rows}${code}` }
    }
    case 'write': {
      const number = event.n === null ? '' : ` #${event.n}`
      const code = event.code === undefined ? '' : `: ${event.code}`
      return { what: `write${number} ${event.is}`, how: `${event.what ?? ''}${code}` }
    }
    case 'tab':
      return { what: 'tab', how: event.role }
    case 'storage':
      return { what: 'storage', how: storageText(event.status) }
    default:
      return event satisfies never
  }
}
