import { type MouseEvent, useEffect, useState } from 'react'
import { addressOf, PAGES, type PageName, toRoomName } from '../frame/page-address.ts'
import { Ledger } from './ledger.tsx'
import { Meter } from './meter.tsx'
import { Panes } from './panes.tsx'
import { Robin } from './robin.tsx'
import { addressOfLab, readWhere, type Where } from './where.ts'

const NAMES: Readonly<Record<PageName, string>> = { chat: 'Chat', board: 'Board', items: 'Items' }

/** Where the address says, without loading anything again but the panes. */
function useWhere(): [Where, (where: Where) => void] {
  const [where, setWhere] = useState(() => readWhere(location.search))
  useEffect(() => {
    const look = () => setWhere(readWhere(location.search))
    addEventListener('popstate', look)
    return () => removeEventListener('popstate', look)
  }, [])
  const go = (next: Where) => {
    history.pushState(null, '', addressOfLab(next))
    setWhere(next)
  }
  return [where, go]
}

export function Home() {
  const [where, go] = useWhere()
  const { page, room } = where
  useEffect(() => {
    document.title = `${NAMES[page]} in ${room} · durable-sync`
  }, [page, room])
  const follow = (to: PageName) => (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    go({ ...where, page: to })
  }
  return (
    <div className="lab-home">
      <header className="top">
        <div>
          <p className="wordmark">durable-sync</p>
          <h1>One object, four frameworks</h1>
          <p className="lead">
            React, Vue, Solid and Svelte show the rows of one Durable Object. Each pane is a client of its
            own, with its own user and its own storage: break one and see the others.
          </p>
        </div>
        <form
          className="room-form"
          action={(form) =>
            location.assign(addressOfLab({ page, room: toRoomName(String(form.get('room'))) }))
          }
        >
          <label htmlFor="room">Room</label>
          <input id="room" name="room" defaultValue={room} maxLength={40} autoComplete="off" />
          <button type="submit">Go</button>
        </form>
      </header>
      <nav className="kinds" aria-label="What the panes show">
        {PAGES.map((to) => (
          <a
            key={to}
            href={addressOfLab({ page: to, room })}
            aria-current={to === page ? 'page' : undefined}
            onClick={follow(to)}
          >
            {NAMES[to]}
          </a>
        ))}
      </nav>
      <main>
        <Panes {...where} />
        <div className="cards">
          <Ledger />
          <Meter {...where} />
          <Robin />
        </div>
      </main>
      <footer className="more">
        <nav aria-label="Whole apps">
          <h2>Whole apps</h2>
          {PAGES.map((to) => (
            <a key={to} href={addressOf({ page: to, room, seat: 1 })}>
              {NAMES[to]}
            </a>
          ))}
          <a href={`/joined?${new URLSearchParams({ room })}`}>Two objects, joined</a>
        </nav>
      </footer>
    </div>
  )
}
