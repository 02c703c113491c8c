import type { ReactNode } from 'react'
import { OfflineNotice } from '../line/offline-notice.tsx'
import { ConnectionLine } from './connection-line.tsx'
import { here } from './here.ts'
import { OtherRoom } from './other-room.tsx'
import { addressOf } from './page-address.ts'
import { PageNav } from './page-nav.tsx'
import { StoppedNotice } from './stopped-notice.tsx'

export interface PageHeaderProps {
  /** What is written on this page, in the singular. */
  readonly unit: string
  /** Stands beside the actions. */
  readonly aside: ReactNode
  /** More that can be done with the room. */
  readonly actions?: ReactNode
  /** What can be looked into, and tried. */
  readonly panel?: ReactNode
  /** What is only worth saying where there is room for it. */
  readonly note: string
}

export function PageHeader({ unit, aside, actions, panel, note }: PageHeaderProps) {
  return (
    <header className="header">
      <p className="wordmark">durable-sync playground</p>
      <PageNav />
      <div className="line">
        <h1>{here.room}</h1>
        <ConnectionLine unit={unit} />
      </div>
      <StoppedNotice />
      <OfflineNotice />
      <div className="line">
        {aside}
        <nav className="actions" aria-label="Room">
          <a href={addressOf({ ...here, seat: here.seat + 1 })} target="_blank" rel="noopener">
            Open a second window
          </a>
          <OtherRoom />
          {actions}
        </nav>
      </div>
      {panel}
      <p className="note">{note}</p>
    </header>
  )
}
