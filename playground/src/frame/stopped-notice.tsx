import { useConnectionStatus, useSyncClient } from '@durable-sync/react'
import { reasonOf } from './reason-of.ts'

/** Why the client does not try any more, and how to make it try again. Nothing that was written is lost by that. */
export function StoppedNotice() {
  const client = useSyncClient()
  const status = useConnectionStatus()
  if (status.state !== 'failed' && status.state !== 'needs-auth') return null
  return (
    <p className="stopped" role="alert">
      {reasonOf(status.cause)}{' '}
      <button type="button" className="link" onClick={() => client.resume()}>
        Try again
      </button>
    </p>
  )
}
