import { type KeyboardEvent, type SubmitEvent, useEffect, useRef } from 'react'

export interface InlineEditProps {
  readonly label: string
  readonly value: string
  readonly maxLength: number
  /** The word on the button. */
  readonly action: string
  readonly onDone: (value: string) => void
  readonly onCancel: () => void
}

/** A text that is edited where it stands. Enter saves, Escape leaves it as it was. */
export function InlineEdit({ label, value, maxLength, action, onDone, onCancel }: InlineEditProps) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.select(), [])
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const text = input.current?.value.trim() ?? ''
    if (text === '' || text === value) onCancel()
    else onDone(text)
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onCancel()
  }
  return (
    <form className="inline-edit" onSubmit={submit} onKeyDown={keys}>
      <input
        ref={input}
        aria-label={label}
        defaultValue={value}
        maxLength={maxLength}
        autoComplete="off"
        spellCheck={false}
      />
      <button type="submit">{action}</button>
    </form>
  )
}
