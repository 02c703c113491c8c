import { useConnectionStatus } from '@durable-sync/react'
import { here } from '../frame/here.ts'
import { addressOf } from '../frame/page-address.ts'

export interface EmptyRoomProps {
  /** Whether the room has answered: before that, nobody knows that it is empty. */
  readonly loaded: boolean
}

export function EmptyRoom({ loaded }: EmptyRoomProps) {
  const { state } = useConnectionStatus()
  if (!loaded)
    return (
      <div className="empty">
        <p className="lead">
          {state === 'disconnected' ? 'The server does not answer yet.' : 'Opening the room…'}
        </p>
        {state === 'disconnected' && (
          <p>What you write is kept on this device and sent as soon as it does.</p>
        )}
      </div>
    )
  return (
    <div className="empty">
      <p className="lead">Nothing has been said here.</p>
      <p>
        Write the first message, then{' '}
        <a href={addressOf({ ...here, seat: here.seat + 1 })} target="_blank" rel="noopener">
          open a second window
        </a>{' '}
        beside this one and answer it.
      </p>
    </div>
  )
}
