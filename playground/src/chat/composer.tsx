import type { KeyboardEvent, RefObject, SubmitEvent } from 'react'
import { MAX_MESSAGE_LENGTH } from '../../worker/chat/message-length.ts'
import { here } from '../frame/here.ts'

const COUNTED_FROM = 400
const MOST_LINES = 6

export interface ComposerProps {
  readonly draft: string
  readonly setDraft: (text: string) => void
  readonly send: (content: string) => void
  readonly input: RefObject<HTMLTextAreaElement | null>
}

/** Where messages are written. Enter sends, Shift and Enter makes a new line. It works without a server. */
export function Composer({ draft, setDraft, send, input }: ComposerProps) {
  const left = MAX_MESSAGE_LENGTH - draft.length
  const submit = (event?: SubmitEvent) => {
    event?.preventDefault()
    const content = draft.trim()
    if (content === '') return
    send(content)
    setDraft('')
    input.current?.focus()
  }
  const keys = (event: KeyboardEvent) => {
    // Enter also ends a composition, in languages that have one.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    submit()
  }
  return (
    <form className="composer" onSubmit={submit}>
      <label className="visually-hidden" htmlFor="composer">
        Message
      </label>
      <textarea
        ref={input}
        id="composer"
        data-testid="composer"
        rows={Math.min(MOST_LINES, draft.split('\n').length)}
        value={draft}
        placeholder={`Write to ${here.room}`}
        enterKeyHint="send"
        autoComplete="off"
        // biome-ignore lint/a11y/noAutofocus: writing is what the page is for
        autoFocus
        onChange={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={keys}
      />
      {draft.length >= COUNTED_FROM && (
        <output className={left < 0 ? 'left over' : 'left'}>
          {left < 0 ? `${-left} over the limit` : `${left} left`}
        </output>
      )}
      <button type="submit" data-testid="send" disabled={draft.trim() === ''}>
        Send
      </button>
    </form>
  )
}
