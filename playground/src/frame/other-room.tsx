import { useRef, useState } from 'react'
import { here } from './here.ts'
import { InlineEdit } from './inline-edit.tsx'
import { addressOf, toRoomName } from './page-address.ts'

/** The way to another room, which is another object with a client of its own: the page is loaded again. */
export function OtherRoom() {
  const [editing, setEditing] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const cancel = () => {
    setEditing(false)
    // The button is rendered again before it can take the focus back.
    requestAnimationFrame(() => button.current?.focus())
  }
  if (!editing)
    return (
      <button ref={button} type="button" className="link" onClick={() => setEditing(true)}>
        Other room
      </button>
    )
  return (
    <InlineEdit
      label="Go to room"
      value={here.room}
      maxLength={40}
      action="Go"
      onDone={(text) => location.assign(addressOf({ ...here, room: toRoomName(text) }))}
      onCancel={cancel}
    />
  )
}
