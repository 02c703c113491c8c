import { useConnectionStatus } from '@durable-sync/react'
import { useState } from 'react'
import { reasonOf } from '../frame/reason-of.ts'
import { useReadable } from '../frame/use-readable.ts'
import { line } from '../line/line.ts'

export interface ControlsProps {
  readonly unit: string
  readonly refuses: boolean
  readonly refuseNext: () => Promise<unknown>
}

/** Ways to make the client's life hard. What is done to the line is done to all tabs of this person: any of them may have the socket. */
export function Controls({ unit, refuses, refuseNext }: ControlsProps) {
  const { is } = useReadable(line)
  const { state } = useConnectionStatus()
  const [problem, setProblem] = useState('')
  const ask = async () => {
    setProblem('')
    try {
      await refuseNext()
    } catch (error) {
      setProblem(reasonOf(error))
    }
  }
  return (
    <div className="controls">
      <button
        type="button"
        role="switch"
        aria-checked={is === 'off'}
        className="switch"
        data-testid="offline-switch"
        onClick={() => line.turn(is === 'off' ? 'on' : 'off')}
      >
        Offline
      </button>
      <button
        type="button"
        data-testid="kill-socket"
        disabled={state !== 'connected'}
        title="The socket breaks, whichever tab has it; the client gets another one"
        onClick={() => line.cut()}
      >
        Kill socket
      </button>
      <button
        type="button"
        data-testid="refuse-next"
        aria-pressed={refuses}
        disabled={refuses || state !== 'connected'}
        title="The server will refuse it, once"
        onClick={ask}
      >
        {refuses ? `The next ${unit} will be refused` : `Reject next ${unit}`}
      </button>
      <a href={location.href} target="_blank" rel="noopener" data-testid="second-tab">
        Second tab
      </a>
      <p className="problem" role="status">
        {problem}
      </p>
    </div>
  )
}
