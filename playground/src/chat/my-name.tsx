import { eq, useLiveQuery } from '@tanstack/react-db'
import { useRef, useState } from 'react'
import { me } from '../frame/here.ts'
import { InlineEdit } from '../frame/inline-edit.tsx'
import { callMe, people } from './room.ts'

/** Who writes in this window, and how to be called something else. */
export function MyName() {
  const [editing, setEditing] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const { data } = useLiveQuery({
    queryKey: ['people', me.id],
    query: (q) =>
      q
        .from({ person: people })
        .where(({ person }) => eq(person.id, me.id))
        .findOne(),
  })
  // The room does not know me before its first answer.
  const name = data?.name ?? me.name
  const close = () => {
    setEditing(false)
    // The button is rendered again before it can take the focus back.
    requestAnimationFrame(() => button.current?.focus())
  }
  const rename = (next: string) => {
    callMe(next)
    close()
  }
  return (
    <div className="my-name">
      <span className="caption">You are</span>
      {editing ? (
        <InlineEdit
          label="Your name"
          value={name}
          maxLength={40}
          action="Save"
          onDone={rename}
          onCancel={close}
        />
      ) : (
        <button
          ref={button}
          type="button"
          className="name"
          onClick={() => setEditing(true)}
          title="Change your name"
        >
          <span data-testid="author">{name}</span>
          <span className="visually-hidden">, change your name</span>
        </button>
      )}
    </div>
  )
}
