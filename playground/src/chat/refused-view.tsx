import type { RefusedMessage } from './sending.ts'

export interface RefusedViewProps {
  readonly message: RefusedMessage
  readonly writeAgain: (message: RefusedMessage) => void
  readonly dismiss: (id: string) => void
}

/** A message that the room refused: why, and what can be done about it. */
export function RefusedView({ message, writeAgain, dismiss }: RefusedViewProps) {
  return (
    <section className="group mine refused" role="alert" data-testid="refused">
      <p className="message">{message.content}</p>
      <p className="fate">
        <strong>Not sent.</strong> {message.reason}
      </p>
      <p className="choices">
        <button type="button" className="link" onClick={() => writeAgain(message)}>
          Edit
        </button>
        <button type="button" className="link" onClick={() => dismiss(message.id)}>
          Discard
        </button>
      </p>
    </section>
  )
}
