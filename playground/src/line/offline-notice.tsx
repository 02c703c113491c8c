import { useReadable } from '../frame/use-readable.ts'
import { line } from './line.ts'

/** Nobody should wonder tomorrow why there is no connection. */
export function OfflineNotice() {
  const { is } = useReadable(line)
  if (is === 'on') return null
  return (
    <p className="stopped" data-testid="switched-off">
      The offline switch is on, in every tab of yours.{' '}
      <button type="button" className="link" onClick={() => line.turn('on')}>
        Go online
      </button>
    </p>
  )
}
