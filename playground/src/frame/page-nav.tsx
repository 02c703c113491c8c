import { here } from './here.ts'
import { addressOf, PAGES, type PageName } from './page-address.ts'

const NAMES: Readonly<Record<PageName, string>> = { chat: 'Chat', board: 'Board', items: 'Items' }

/** The three pages, in the room of the same name. */
export function PageNav() {
  return (
    <nav className="pages" aria-label="Pages">
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
