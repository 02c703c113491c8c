import { ClearRoom } from './clear-room.tsx'
import { ConnectionLine } from './connection-line.tsx'
import { MyName } from './my-name.tsx'
import { OtherRoom } from './other-room.tsx'
import { addressOf } from './page-address.ts'
import { roomName, seat } from './room.ts'
import { StoppedNotice } from './stopped-notice.tsx'

export function RoomHeader() {
  return (
    <header className="header">
      <p className="wordmark">durable-sync playground</p>
      <div className="line">
        <h1>{roomName}</h1>
        <ConnectionLine />
      </div>
      <StoppedNotice />
      <div className="line">
        <MyName />
        <nav className="actions" aria-label="Room">
          <a href={addressOf({ room: roomName, seat: seat + 1 })} target="_blank" rel="noopener">
            Open a second window
          </a>
          <OtherRoom />
          <ClearRoom />
        </nav>
      </div>
      <p className="honest">
        The server believes whatever name a browser gives. A real app checks who somebody is in its Worker.
      </p>
    </header>
  )
}
