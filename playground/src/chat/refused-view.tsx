import type { RefusedMessage } from './sending.ts'

export interface RefusedViewProps {
  readonly message: RefusedMessage
  readonly tryAgain: (message: RefusedMessage) => void
  readonly edit: (message: RefusedMessage) => void
  readonly discard: (message: RefusedMessage) => void
}

/** A message that the room refused: why, and what can be done about it. */
export function RefusedView({ message, tryAgain, edit, discard }: RefusedViewProps) {
  return (
    <section className="group mine refused" role="alert" data-testid="refused">
      <p className="message">
        <span>{message.content}</span>
      </p>
      <p className="fate">
        <strong>Not sent.</strong> {message.reason}
      </p>
      <p className="choices">
        <button type="button" className="link" onClick={() => tryAgain(message)}>
          Try again
        </button>
        <button type="button" className="link" onClick={() => edit(message)}>
          Edit
        </button>
        <button type="button" className="link" onClick={() => discard(message)}>
          Discard
        </button>
      </p>
    </section>
  )
}
