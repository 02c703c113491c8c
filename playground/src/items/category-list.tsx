import type { MouseEvent } from 'react'
import type { Category } from '../../worker/items/registry.ts'
import { withCategory } from './use-open-category.ts'

export interface CategoryListProps {
  readonly all: readonly Category[]
  readonly open: string | undefined
  readonly setOpen: (category: string) => void
}

/** All categories and how much is in them, also in those that were never opened. */
export function CategoryList({ all, open, setOpen }: CategoryListProps) {
  const follow = (event: MouseEvent, id: string) => {
    // Another tab is the browser's own business.
    if (event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    setOpen(id)
  }
  return (
    <nav className="categories" aria-label="Categories">
      <ul>
        {all.map(({ id, name, items }) => (
          <li key={id}>
            <a
              href={withCategory(location.href, id)}
              aria-current={id === open ? 'true' : undefined}
              data-testid="category"
              data-id={id}
              onClick={(event) => follow(event, id)}
            >
              {name} <small data-testid="count">{items}</small>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}
