import { here } from './here.ts'
import { addressOf, PAGES, type PageName } from './page-address.ts'

const NAMES: Readonly<Record<PageName, string>> = { chat: 'Chat', board: 'Board', items: 'Items' }

/** The three pages, in the room of the same name, and the way back to the lab. */
export function PageNav() {
  return (
    <nav className="pages" aria-label="Pages">
      <a href={`/?${new URLSearchParams({ room: here.room })}`}>Lab</a>
      {PAGES.map((page) => (
        <a
          key={page}
          href={addressOf({ ...here, page })}
          aria-current={page === here.page ? 'page' : undefined}
        >
          {NAMES[page]}
        </a>
      ))}
    </nav>
  )
}
