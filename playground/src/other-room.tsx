import { useRef, useState } from 'react'
import { InlineEdit } from './inline-edit.tsx'
import { addressOf, toRoomName } from './page-address.ts'
import { roomName, seat } from './room.ts'

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
      value={roomName}
      maxLength={40}
      action="Go"
      onDone={(text) => location.assign(addressOf({ room: toRoomName(text), seat }))}
      onCancel={cancel}
    />
  )
}
