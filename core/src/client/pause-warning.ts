import { isDevelopment } from '../development.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import type { Readable } from '../status/readable.ts'

declare const process: { readonly env: { readonly NODE_ENV?: string } }

/**
 * Says in the console why a connection is paused or does not come, in development only: an app that does not show its status would show an
 * empty page and nothing else. The same cause is said once until the connection is there.
 */
export function warnWhenPaused(status: Readable<ConnectionStatus>): void {
  if (!isDevelopment() || process.env.NODE_ENV === 'production') return
  let said = ''
  status.subscribe(() => {
    const now = status.get()
    const { state } = now
    if (state === 'connected') said = ''
    if (state !== 'needs-auth' && state !== 'failed' && state !== 'disconnected') return
    const { code, message } = now.cause
    if (code === said || code === 'page-hidden') return
    said = code
    const next = state === 'disconnected' ? 'is tried again' : 'is paused until client.resume()'
    console.warn(`durable-sync: the connection ${next} (${state}, ${code}): ${message}`)
  })
}
