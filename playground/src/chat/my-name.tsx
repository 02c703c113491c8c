import { eq, useLiveQuery } from '@tanstack/react-db'
import { useRef, useState } from 'react'
import { me } from '../frame/here.ts'
import { InlineEdit } from '../frame/inline-edit.tsx'
import { reasonOf } from '../frame/reason-of.ts'
import { callMe, people, signInAs } from './room.ts'

/** Who writes in this window, and how to be called something else. */
export function MyName() {
  const [editing, setEditing] = useState<'nothing' | 'name' | 'person'>('nothing')
  const [problem, setProblem] = useState('')
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
    setEditing('nothing')
    // The button is rendered again before it can take the focus back.
    requestAnimationFrame(() => button.current?.focus())
  }
  const rename = (next: string) => {
    callMe(next)
    close()
  }
  const signIn = (next: string) => {
    close()
    signInAs(next).catch((error: unknown) => setProblem(reasonOf(error)))
  }
  if (editing === 'person')
    return (
      <div className="my-name">
        <span className="caption">Sign in as</span>
        <InlineEdit
          label="Sign in as"
          value=""
          maxLength={40}
          action="Sign in"
          onDone={signIn}
          onCancel={close}
        />
      </div>
    )
  return (
    <div className="my-name">
      <span className="caption">You are</span>
      {editing === 'name' ? (
        <InlineEdit
          label="Your name"
          value={name}
          maxLength={40}
          action="Save"
          onDone={rename}
          onCancel={close}
        />
      ) : (
        <>
          <button
            ref={button}
            type="button"
            className="name"
            onClick={() => setEditing('name')}
            title="Change your name"
          >
            <span data-testid="author">{name}</span>
            <span className="visually-hidden">, change your name</span>
          </button>
          <button
            type="button"
            className="link somebody-else"
            title="Leave this browser to somebody else"
            onClick={() => setEditing('person')}
          >
            Not you?
          </button>
        </>
      )}
      {problem !== '' && <p role="alert">{problem}</p>}
    </div>
  )
}
