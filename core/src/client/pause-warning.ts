import { isProduction } from '../collection/production.ts'
import type { ConnectionStatus } from '../status/connection-status.ts'
import type { Readable } from '../status/readable.ts'

/**
 * Says in the console why a connection is paused, in development only: an app that does not show its status would show an empty page and
 * nothing else.
 */
export function warnWhenPaused(status: Readable<ConnectionStatus>): void {
  if (isProduction()) return
  status.subscribe(() => {
    const now = status.get()
    if (now.state !== 'needs-auth' && now.state !== 'failed') return
    const { code, message } = now.cause
    console.warn(
      `durable-sync: the connection is paused until client.resume() (${now.state}, ${code}): ${message}`,
    )
  })
}
